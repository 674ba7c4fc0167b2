"""What a weekday is to a customer: kept in one number, learned slowly, believed with measure."""

from dataclasses import replace

import numpy as np
import pytest

from services.analytics.domain.drops.fold import differs, fold_day, with_own
from services.analytics.domain.drops.parameters import STANDARD
from services.analytics.domain.drops.weeks import MOST, chance, learned, own, ratios
from tests.analytics.domain.arrays import DATE, day, frame, settled

NOBODY = np.zeros(1, dtype=np.int64)
LONG = np.full(1, 700)


def taught(week, *, weeks=40):
    """A week as seen so often, the seven ratios given."""
    known = NOBODY
    for n in range(weeks):
        for weekday, seen in enumerate(week):
            known = learned(known, weekday, np.full(1, seen), np.full(1, 7 * n))
    return known


def test_of_whom_nothing_is_known_every_weekday_is_the_cohorts():
    assert ratios(NOBODY)[:, 0].tolist() == [1.0] * 7


@pytest.mark.parametrize(
    "week",
    [
        pytest.param([0, 0, 0, 0, 0, 3.5, 3.5], id="weekends"),
        pytest.param([1.4, 1.4, 1.4, 1.4, 1.4, 0, 0], id="workdays"),
        pytest.param([0.5, 1.5, 1, 1, 1, 1, 1], id="two that differ"),
        pytest.param([2, 2, 2, 2, 2, 2, 2], id="the level is no matter of the week"),
    ],
)
def test_a_week_is_learned_day_by_day(week):
    wanted = np.array(week) / np.mean(week)
    assert ratios(taught(week))[:, 0] == pytest.approx(wanted, abs=0.2)


def test_the_largest_week_fits_a_whole_number_of_eight_bytes():
    known = taught([100.0] * 7)
    assert 0 < known[0] < 2**63
    assert ratios(known)[:, 0].tolist() == [1.0] * 7


def test_a_ratio_beyond_the_most_is_cut():
    assert own(taught([0, 0, 0, 0, 0, 0, 9]), 6, np.full(1, 1e9), np.ones(1), NOBODY)[0] == MOST


def test_a_week_is_believed_as_far_as_the_cohorts_customers_differ():
    week = taught([0, 0, 0, 0, 0, 3.5, 3.5])
    noise = np.full(1, 0.1)
    told = [float(own(week, 5, np.full(1, differ), noise, NOBODY)[0]) for differ in (0.0, 0.1, 0.9)]
    assert told == pytest.approx([1.0, 2.2, 3.15], abs=0.1)


def test_who_differs_plainly_is_believed_whatever_others_do():
    week, nothing, noise = taught([0, 0, 0, 0, 0, 3.5, 3.5]), np.zeros(1), np.full(1, 0.1)
    assert own(week, 5, nothing, noise, LONG)[0] == pytest.approx(3.2, abs=0.1)
    little = taught([1, 1, 1, 1, 1.3, 0.7, 1])
    assert own(little, 5, nothing, noise, LONG)[0] == 1.0


def test_chance_is_less_the_more_is_seen():
    seen = [float(chance(np.full(1, 3.0), np.full(1, 3.0), np.full(1, n))[0]) for n in (60, 700)]
    assert seen[1] < seen[0]
    assert seen[1] == pytest.approx((1 / 3 + 1 / 3) / 23)


def test_who_differs_is_not_counted_before_eight_weeks():
    known = settled(reporting_days=55)
    assert np.isnan(differs(known, frame())[0])
    assert not np.isnan(differs(replace(known, reporting_days=np.full(1, 56)), frame())[0])


def test_nothing_on_workdays_is_no_surprise_of_who_uses_on_weekends():
    week = {"week": taught([0, 0, 0, 0, 0, 3.5, 3.5]), "reporting_days": LONG}
    same, apart = settled(**week), settled(**week)
    for n in range(5):  # Monday to Friday
        like = frame(weekday=n)
        same = fold_day(same, replace(day(uses=0), date=DATE + n), like, STANDARD)
        other = with_own(apart, frame(weekday=n, differ=1.0))
        apart = fold_day(apart, replace(day(uses=0), date=DATE + n), other, STANDARD)
    assert apart.unusual[0] < 0.05 < same.unusual[0]


def test_periods_of_several_days_have_no_weekdays():
    weekly = STANDARD.per(7)
    known = settled(week=taught([0, 0, 0, 0, 0, 3.5, 3.5]), reporting_days=LONG)
    like = frame(weekday=0, differ=1.0)
    assert with_own(known, like, weekly) is like
    assert fold_day(known, day(uses=3), like, weekly).week.tolist() == known.week.tolist()
