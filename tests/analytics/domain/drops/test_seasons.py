"""The same weeks of last year: kept in one number, believed as two low spans, over when they were."""

import numpy as np
import pytest

from services.analytics.domain.drops.fold import fold_day
from services.analytics.domain.drops.parameters import STANDARD
from services.analytics.domain.drops.seasons import SPANS, ends, learned, shares, span
from tests.analytics.domain.arrays import DATE, day, frame, settled

NOBODY = np.zeros(1, dtype=np.int64)


def a_year(seen):
    """A year of which so much of its pace was seen at the end of each span."""
    known = NOBODY
    for date in range(DATE - 365, DATE):
        if ends(date):
            known = learned(known, date, np.full(1, seen[span(date)]))
    return known


def first_of(number):
    """The first day of a span in the year after."""
    return next(date for date in range(DATE, DATE + 366) if span(date) == number)


def lowest(*spans, left=0.0):
    return [left if n in spans else 1.3 for n in range(SPANS)]


def test_a_year_has_all_spans_and_fits_a_whole_number_of_eight_bytes():
    assert sum(ends(date) for date in range(DATE, DATE + 365)) == SPANS
    assert 0 < a_year([9.0] * SPANS)[0] < 2**63


@pytest.mark.parametrize(
    ("seen", "number", "expected"),
    [
        pytest.param(lowest(8, 9, 10), 9, True, id="in the middle"),
        pytest.param(lowest(8, 9, 10), 7, True, id="a span early"),
        pytest.param(lowest(8, 9, 10), 5, False, id="before"),
        pytest.param(lowest(8, 9, 10), 11, False, id="over, whatever this year's spans are"),
        pytest.param(lowest(8), 8, False, id="one low span is chance"),
        pytest.param(lowest(), 8, False, id="no season"),
        pytest.param([0.0] * SPANS, 8, False, id="never ordinary use"),
        pytest.param([float("nan")] * SPANS, 8, False, id="nothing known"),
    ],
)
def test_who_used_less_in_these_weeks_is_in_a_season(seen, number, expected):
    share, season = shares(a_year(seen), first_of(number))
    assert season.tolist() == [expected]
    assert (share[0] < 0.1) == (expected or number == 11)


def test_what_a_season_leaves_is_learned():
    share, _ = shares(a_year(lowest(8, 9, 10, left=0.4)), first_of(9))
    assert share[0] == pytest.approx(0.4 / 1.2)


@pytest.mark.parametrize(("left", "uses"), [(0.0, 0), (0.4, 1)])
def test_what_last_years_weeks_left_is_no_drop_this_year(left, uses):
    season = a_year(lowest(8, 9, 10, left=left))[0]
    begins = first_of(8)
    first, again = (settled(season=known, reporting_days=400) for known in (0, season))
    for n in range(35):
        quiet = day(uses=uses, date=begins + n)
        first = fold_day(first, quiet, frame(), STANDARD)
        again = fold_day(again, quiet, frame(), STANDARD)
    assert first.posterior[0] > STANDARD.watch
    assert again.posterior[0] < 0.2
    assert again.away[0] > 0.8


def test_who_does_not_come_back_after_the_season_is_watched():
    last = a_year(lowest(8, 9, 10))[0]
    gone = settled(season=last, reporting_days=400)
    for n in range(130):
        gone = fold_day(gone, day(uses=0, date=first_of(8) + n), frame(), STANDARD)
    assert gone.alarm[0] >= 1


def test_the_first_year_is_judged_as_before():
    assert [n.tolist() for n in shares(NOBODY, DATE)] == [[1.0], [False]]
