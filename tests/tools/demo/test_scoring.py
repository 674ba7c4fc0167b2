"""Flags against the truth: what counts as found, what as false, what not at all."""

from datetime import date, timedelta

import pytest

from tools.demo.scoring import Flag, Life, score, thinned

DROP = date(2026, 3, 1)


def day(n):
    return DROP + timedelta(days=n)


def life(*, drop=DROP, reporting_days=60, spells=()):
    return Life("stop" if drop else "steady", drop, reporting_days, spells)


@pytest.mark.parametrize(
    ("lives", "flags", "expected"),
    [
        pytest.param(life(), [0], (1, 0, {}), id="on the day of the drop"),
        pytest.param(life(), [45], (1, 0, {}), id="the last day that counts"),
        pytest.param(life(), [46], (0, 1, {"stop": 1}), id="a day too late: missed and false"),
        pytest.param(life(), [-1], (0, 1, {"stop": 1}), id="before the drop: false"),
        pytest.param(life(), [], (0, 1, {}), id="never flagged"),
        pytest.param(life(), [10, 39], (1, 0, {}), id="a second flag within 30 days is none"),
        pytest.param(life(), [10, 40], (1, 0, {}), id="found once, however often flagged after"),
        pytest.param(life(drop=None), [5], (0, 0, {"steady": 1}), id="no drop: false"),
        pytest.param(
            life(drop=None, spells=(("vacation", day(0), day(9)),)),
            [5],
            (0, 0, {"vacation": 1}),
            id="in a vacation: false, and it says so",
        ),
        pytest.param(
            life(drop=None, spells=(("outage", day(0), day(9)),)),
            [24],
            (0, 0, {"steady": 1}),
            id="long after an outage: not its fault",
        ),
        pytest.param(life(reporting_days=13), [5], (0, 0, {}), id="13 reporting days: left out"),
        pytest.param(life(reporting_days=14), [5], (1, 0, {}), id="14 reporting days: judged"),
    ],
)
def test_one_customer(lives, flags, expected):
    found = score([Flag("ana", day(n)) for n in flags], {"ana": lives})
    assert (found.found, found.missed, dict(found.false)) == expected
    assert found.left_out == (lives.reporting_days < 14)


def test_recall_precision_and_delay_over_many():
    lives = {"a": life(), "b": life(), "c": life(), "d": life(drop=None)}
    flags = [Flag("a", day(4)), Flag("b", day(10)), Flag("d", day(3))]
    found = score(flags, lives)
    assert found.recall == pytest.approx(2 / 3)
    assert found.precision == pytest.approx(2 / 3)
    assert found.median_delay_days == 7


def test_drops_too_near_to_the_end_are_told_apart():
    lives = {"a": life(), "b": life(), "c": life(drop=day(-5))}
    found = score([Flag("a", day(20))], lives, day(21))
    assert (found.missed, found.too_late) == (2, 1)


def test_nothing_to_say_without_drops_and_flags():
    found = score([], {"d": life(drop=None)})
    assert (found.recall, found.precision, found.median_delay_days) == (None, None, None)


def test_thirty_days_apart_are_two_flags():
    flags = [Flag("a", day(0)), Flag("a", day(29)), Flag("a", day(30)), Flag("b", day(1))]
    assert thinned(flags) == [Flag("a", day(0)), Flag("b", day(1)), Flag("a", day(30))]


def test_false_alarms_are_counted_by_healthy_months():
    lives = {
        "a": Life("stop", DROP, 60, healthy_days=60),
        "b": Life("steady", None, 60, healthy_days=90),
        "c": Life("stop", DROP, 5, healthy_days=500),
    }
    late_and_early = [Flag("a", day(50)), Flag("b", day(3)), Flag("a", day(-20))]
    found = score(late_and_early, lives)
    assert found.false_while_healthy == 2
    assert found.false_alarms == pytest.approx(1000 * 2 / 5)
    assert score([], {}).false_alarms is None
