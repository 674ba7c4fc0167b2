"""How long to wait, what is said, and who needs somebody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tools.supervisor import record
from tools.supervisor.deaths import MOST_S, STEADY_S, TOLD, died, needs_somebody, said

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_each_death_at_the_start_doubles_the_wait_up_to_an_end():
    deaths, waits = None, []
    for _ in range(9):
        deaths = died(deaths, "exit code 2", 1.0, NOON)
        waits.append((deaths.next_try - NOON).total_seconds())
    assert waits == [1, 2, 4, 8, 16, 32, MOST_S, MOST_S, MOST_S]
    assert deaths.count == 9


@pytest.mark.parametrize(
    ("ran_s", "in_a_row"),
    [
        pytest.param(STEADY_S, 1, id="it had run: another cause"),
        pytest.param(STEADY_S - 1, 6, id="a second too short"),
    ],
)
def test_a_steady_run_ends_the_row(ran_s, in_a_row):
    deaths = None
    for _ in range(5):
        deaths = died(deaths, "exit code 2", 1.0, NOON)
    after = died(deaths, "exit code 2", ran_s, NOON)
    assert (after.count, after.in_a_row) == (6, in_a_row)


def test_one_who_waits_is_told_with_how_often_why_and_when_next():
    deaths = died(died(None, "exit code 2", 1.0, NOON), "signal 9 (SIGKILL)", 3.0, NOON)
    assert said("support", deaths, NOON + timedelta(seconds=1)) == (
        "support died 2 times since `up`, the last time at 12:00:00 UTC after 3 s with "
        "signal 9 (SIGKILL); next try at 12:00:02, in 1 s"
    )
    back = replace(deaths, next_try=None)
    assert said("support", back, NOON).endswith("; it was started again")


@pytest.mark.parametrize(
    ("deaths", "after", "needed"),
    [
        pytest.param(1, timedelta(0), True, id="down now"),
        pytest.param(1, None, False, id="died once, runs again"),
        pytest.param(2, None, True, id="keeps dying"),
    ],
)
def test_who_needs_somebody(deaths, after, needed):
    known = None
    for _ in range(deaths):
        known = died(known, "exit code 2", 1.0, NOON)
    if after is None:
        known = replace(known, next_try=None)
    assert needs_somebody(known, NOON) is needed
    assert needs_somebody(replace(known, next_try=None), NOON + TOLD) is False


def test_the_record_comes_back_and_a_spoilt_one_is_none(tmp_path):
    assert record.read(tmp_path) == {}
    (tmp_path / "run").mkdir()
    kept = {"support": died(None, "exit code 2", 1.0, NOON)}
    record.write(tmp_path, kept)
    assert record.read(tmp_path) == kept
    for spoilt in ("", "[]", '{"support": 1}', '{"support": {"count": 1}}'):
        record.path_of(tmp_path).write_text(spoilt)
        assert record.read(tmp_path) == {}
