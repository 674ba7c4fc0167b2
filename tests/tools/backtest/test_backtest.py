"""A history of anybody's, rated by the service's own code: as-of honest, better than recency."""

import csv
import json
from datetime import date, timedelta

import numpy as np
import pytest
from typer.testing import CliRunner

from services.analytics.domain.risks.measures import Measures
from tools.backtest.cli import app
from tools.backtest.errors import BadHistory

FIRST = date(2024, 1, 1)
AS_OF = FIRST + timedelta(days=400)


def buyers(seed=1, n=500, days=560):
    """Rows of people who buy at their own rate until they leave for good."""
    rng = np.random.default_rng(seed)
    rows = []
    for c in range(n):
        day, every = int(rng.integers(0, 120)), 1.0 / rng.gamma(1.0, 0.05)
        while day < days:
            rows.append((f"c{c}", FIRST + timedelta(days=day), round(rng.gamma(2, 20), 2)))
            if rng.random() < 0.12:
                break
            day += int(rng.exponential(every)) + 1
    return rows


def written(path, rows, header="customer,time,amount"):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def rated(tmp_path, rows, *more, name="out.csv"):
    events, out = written(tmp_path / "events.csv", rows), tmp_path / name
    given = ["risk", "--events", str(events), "--out", str(out), *more]
    done = CliRunner().invoke(app, given, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    with out.open() as file:
        return list(csv.DictReader(file)), done.output


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backtest")
    rows = buyers()
    found, told = rated(folder, rows, "--as-of", str(AS_OF), "--horizon", "120d")
    return folder, rows, found, told


def test_a_row_per_customer_the_highest_risk_first(played):
    _, rows, found, _ = played
    assert set(found[0]) == {"customer", "risk", "tier", "severity", "onset", "state"}
    assert {row["customer"] for row in found} == {c for c, at, _ in rows if at <= AS_OF}
    risks = [float(row["risk"]) for row in found]
    assert risks == sorted(risks, reverse=True)
    assert all(0.0 < risk < 1.0 for risk in risks)


def test_tier_and_risk_never_contradict_each_other(played):
    _, _, found, _ = played
    for row in found:
        if row["tier"] == "at_risk":
            assert float(row["risk"]) >= 0.25
        if row["tier"] in ("none", "learning"):
            assert float(row["risk"]) < 0.25


def test_it_ranks_better_than_recency_and_is_calibrated(played):
    folder, *_ = played
    marks = json.loads((folder / "out.measures.json").read_text())
    assert marks["auc"] > marks["recency_auc"] + 0.01
    assert marks["auc"] > marks["rfm_auc"] > 0.6
    assert marks["ece"] < 0.06
    assert marks["lift"] > 1.0
    assert marks["learned_from"] > 1_000
    assert (folder / "out.calibration.svg").read_text().startswith("<svg")


def test_nothing_after_the_date_is_used(played, tmp_path):
    _, rows, found, _ = played
    past = [row for row in rows if row[1] <= AS_OF]
    again, told = rated(tmp_path, past, "--as-of", str(AS_OF), "--horizon", "120d")
    assert again == found
    assert "Against" not in told


@pytest.mark.slow
def test_the_order_of_rows_and_returns_change_nothing(played, tmp_path):
    _, rows, found, _ = played
    mixed = [rows[i] for i in np.random.default_rng(2).permutation(len(rows))]
    again, _ = rated(tmp_path, mixed, "--as-of", str(AS_OF), "--horizon", "120d")
    assert again == found
    free = [(c, at, 0) for c, at, _ in rows[:50]]
    twice, told = rated(tmp_path, rows + free, "--as-of", str(AS_OF), "--horizon", "120d")
    assert twice == found
    assert "no use" in told


@pytest.mark.slow
def test_labels_say_how_right_it_was(played, tmp_path):
    _, rows, found, _ = played
    later = {c for c, at, _ in rows if AS_OF < at <= AS_OF + timedelta(days=120)}
    labels = written(
        tmp_path / "labels.csv",
        [(row["customer"], int(row["customer"] not in later)) for row in found] + [("nobody", 1)],
        "customer,label",
    )
    past = [row for row in rows if row[1] <= AS_OF]
    _, told = rated(
        tmp_path, past, "--as-of", str(AS_OF), "--horizon", "120d", "--labels", str(labels)
    )
    assert "Against the labels" in told
    assert "1 labelled customers" in told
    marks = json.loads((tmp_path / "out.measures.json").read_text())
    before = json.loads((played[0] / "out.measures.json").read_text())
    assert marks["auc"] == before["auc"]


@pytest.mark.slow
def test_several_uses_a_day_work_as_well(tmp_path):
    rng = np.random.default_rng(3)
    rows = []
    for c in range(60):
        ends = 100 if c % 3 == 0 else 200
        for day in range(ends):
            rows += [(f"d{c}", f"{FIRST + timedelta(days=day)}T{h:02}:10:00Z", 1)
                     for h in rng.integers(7, 23, 4)]  # fmt: skip
    found, told = rated(tmp_path, rows, "--as-of", "2024-06-28", "--horizon", "20d")
    assert "periods of 1 days" in told
    left = [int(row["customer"][1:]) % 3 == 0 for row in found[:20]]
    assert all(left)
    assert found[0]["state"] == "lapsed"


@pytest.mark.parametrize(
    ("dates", "text"),
    [("iso", "2024-02-01"), ("iso", "20240201"), ("iso", "2024-02-01 10:30:00"),
     ("iso", "2024-02-01T23:30:00.123-05:00"), ("iso", "2024-02-01T23:30Z"),
     ("dmy", "1.2.2024"), ("dmy", "01/02/2024 10:30"), ("mdy", "2/1/2024"),
     ("seconds", "1706745600"), ("milliseconds", "1706745600123"),
     ("excel", "45323"), ("excel", "45323.5416666667")],
)  # fmt: skip
def test_dates_in_the_form_that_is_said(tmp_path, dates, text):
    rows = [("a", text), ("b", text)]
    events = written(tmp_path / "e.csv", rows, "customer,time")
    out = tmp_path / "o.csv"
    done = CliRunner().invoke(
        app,
        ["risk", "--events", str(events), "--out", str(out), "--dates", dates],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    assert "as of 2024-02-01" in done.output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--labels", "labels.csv"], "labels.csv: none of its 1 customers has a use"),
        (["--out", "nowhere/o.csv"], "o.csv: its folder does not exist"),
        (["--out", "e.csv"], "e.csv: it is one of the files that are read"),
        (["--faults", "faults.csv"], "faults.csv: line 2: time: no such day"),
        (["--attributes", "labels.csv"], "labels.csv: expected at least one column of model"),
    ],
    ids=["labels of others", "no folder", "over what is read", "faults", "attributes"],
)
def test_what_is_wrong_is_said_of_the_file_it_is_in(tmp_path, monkeypatch, more, said):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "e.csv", [("a", "2024-01-01")], "customer,time")
    written(tmp_path / "labels.csv", [("nobody", 1)], "customer,label")
    written(tmp_path / "faults.csv", [("a", "2024-02-30")], "customer,time")
    with pytest.raises(BadHistory) as refused:
        CliRunner().invoke(
            app, ["risk", "--events", "e.csv", "--out", "o.csv", *more], catch_exceptions=False
        )
    assert said in str(refused.value)
    assert (tmp_path / "e.csv").read_text() == "customer,time\na,2024-01-01\n"


def test_a_day_in_the_future_is_no_day_to_judge_by(tmp_path):
    events = written(tmp_path / "e.csv", [("a", "2024-01-01")], "customer,time")
    given = ["risk", "--events", str(events), "--out", str(tmp_path / "o.csv")]
    done = CliRunner().invoke(app, [*given, "--as-of", "2999-01-01"])
    assert done.exit_code == 2
    assert "in the future" in done.output


def test_a_row_in_the_future_does_not_say_who_left(tmp_path):
    _, told = rated(tmp_path, [("a", "2024-01-01", 1), ("b", "2999-01-01", 1)])
    assert "1 rows after that day: not used" in told
    assert "Against" not in told


def test_a_spreadsheets_capitals_and_mark_are_read(tmp_path):
    events = tmp_path / "e.csv"
    events.write_text(
        "\ufeffCustomer , TIME,Note\r\n a , 2024-01-01 ,x\r\n", encoding="utf-8", newline=""
    )
    given = ["risk", "--events", str(events), "--out", str(tmp_path / "o.csv")]
    done = CliRunner().invoke(app, given, catch_exceptions=False)
    assert "1 customers as of 2024-01-01" in done.output


@pytest.mark.slow
@pytest.mark.parametrize(
    "rows",
    [
        [("one", "2024-01-01", 1)],
        [(f"c{n}", "2024-01-01", 1) for n in range(5)],
        [("one", FIRST + timedelta(days=n), 1) for n in range(300)],
        [("old", "1970-01-01", 1), ("new", "2024-01-01", 1), ("new", "2024-01-02", 1)],
    ],
    ids=["a cohort of one, one use", "one day", "constant", "decades apart"],
)
def test_tiny_and_constant_histories_get_a_stated_prior(tmp_path, rows):
    found, told = rated(tmp_path, rows)
    assert "stated prior" in told
    assert all(0.0 <= float(row["risk"]) <= 1.0 for row in found)


@pytest.mark.slow
def test_ten_thousand_devices_of_one_customer_are_one_use_an_hour(tmp_path):
    rows = [("big", f"2024-0{m}-0{d}T07:00:00Z", n)
            for m in range(1, 4) for d in (1,) for n in range(1, 10_001)]  # fmt: skip
    found, told = rated(tmp_path, [*rows, ("small", "2024-01-05", 1), ("small", "2024-03-05", 1)])
    assert "29,997 rows within an hour" in told
    once, _ = rated(tmp_path, [*rows[::10_000], *[("small", f"2024-0{m}-05", 1) for m in (1, 3)]])
    assert once == found


@pytest.mark.slow
def test_the_same_row_twice_counts_once(tmp_path):
    rows = [(f"c{n}", f"2024-0{m}-1{n}", 5) for n in range(4) for m in range(1, 7)]
    once, _ = rated(tmp_path, rows)
    twice, told = rated(tmp_path, rows + rows[::-1])
    assert twice == once
    assert "24 rows within an hour (or day)" in told


def test_measures_by_hand():
    said = np.array([0.9, 0.8, 0.3, 0.3])
    measures = Measures.of(said, np.array([True, False, True, False]))
    assert measures.auc == 0.625
    assert measures.average_precision == pytest.approx((1 + 0.5) / 2)
    assert measures.lift == 2.0
    assert measures.brier == pytest.approx((0.01 + 0.64 + 0.49 + 0.09) / 4)
    alike = Measures.of(np.full(4, 0.5), np.array([True, False, True, False]))
    assert (alike.auc, alike.ece) == (0.5, 0.0)
    assert Measures.of(said, np.zeros(4, dtype=bool)).auc is None
