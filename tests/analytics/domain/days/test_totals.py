"""Sums of placed items: open days for a closing, totals of final days by lateness."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from services.analytics.domain.customers.customer import Description
from services.analytics.domain.days.day_calendar import DayCalendar
from services.analytics.domain.days.item import pack
from services.analytics.domain.days.local_day import quarter_of
from services.analytics.domain.days.local_items import arrived, on_local_days
from services.analytics.domain.days.totals import DaySum, by_day, open_days, totals

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BERLIN = (Description(zone="Europe/Berlin"),)
CLOCK = DayCalendar({"Europe/Berlin": None})
FIRST = date(2026, 6, 1)


def items(*told):
    """(at, arrival, uses, covered_s) each."""
    return pack(
        [((quarter_of(at), quarter_of(arrival), 0), [uses, covered, 0, 0, 0])
         for at, arrival, uses, covered in told]
    )  # fmt: skip


def closes(day):
    return quarter_of(CLOCK.closes(day))


def test_open_days_have_distinct_hours_and_seconds_covered():
    mine = items(
        (NOON, NOON, 3, 0),
        (NOON + HOUR / 4, NOON, 1, 60),
        (NOON + HOUR, NOON, 1, 40),
        (NOON + 2 * DAY, NOON, 1, 0),
        (NOON - DAY, NOON, 1, 0),  # before the open days
        (NOON + 3 * DAY, NOON, 1, 0),  # after them
        (NOON, NOON + 9 * DAY, 1, 9),  # not yet told
    )
    placed = on_local_days([mine], [1], [BERLIN, BERLIN])
    told = arrived(placed, closes(FIRST + 2 * DAY))
    found = open_days(placed, 2, FIRST.toordinal(), told)
    assert found.hours.tolist() == [[0, 2], [0, 0], [0, 1]]
    assert found.covered_s.tolist() == [[0, 100], [0, 0], [0, 0]]


def test_totals_are_by_day_and_by_the_closings_missed():
    closing = CLOCK.closes(FIRST)
    arrivals = [closing + n * DAY + after for n in range(4) for after in (0 * HOUR, HOUR / 4)]
    placed = on_local_days([items(*((NOON, at, 1, 0) for at in arrivals))], [0], [BERLIN])
    found = totals(placed, np.ones(len(arrivals), dtype=bool), closes)
    columns = (found.day, found.late, found.counts["uses"], found.hours)
    first = FIRST.toordinal()
    assert np.stack(columns, axis=1).tolist() == [
        [first, 0, 1, 1 << 14],
        [first, 1, 2, 1 << 14],
        [first, 2, 2, 1 << 14],
        [first, 3, 3, 1 << 14],
    ]
    assert by_day(found) == {FIRST: DaySum(uses=8, hours=1 << 14, late_uses=7)}


def test_only_what_is_asked_for_is_summed():
    placed = on_local_days(
        [items((NOON, NOON, 1, 5)), items((NOON, NOON, 2, 6))], [0, 1], [BERLIN, BERLIN]
    )
    found = totals(placed, np.array([False, True]), closes)
    values = (found.who, found.counts["uses"], found.counts["covered_s"])
    assert [column.tolist() for column in values] == [[1], [2], [6]]
