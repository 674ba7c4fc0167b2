"""Which day a region closes next, and when, by the zones of its customers."""

from datetime import UTC, date, datetime, timedelta

from services.analytics.domain.days.day_calendar import DayCalendar

TICK = timedelta(microseconds=1)
BERLIN = DayCalendar({"Europe/Berlin": None})


def test_it_stands_still_until_the_first_usage():
    assert BERLIN.with_zone("Asia/Tokyo", date(2026, 6, 1)).due_at is None
    assert BERLIN.after_closing(empty=False) == BERLIN


def test_it_begins_with_the_earliest_day_heard_of_before_any_closing():
    begun = BERLIN.starting(date(2026, 6, 3)).starting(date(2026, 6, 1)).starting(date(2026, 6, 2))
    assert begun.next_day == date(2026, 6, 1)
    assert begun.due_at == datetime(2026, 6, 2, 4, tzinfo=UTC) + TICK


def test_after_a_closing_earlier_days_are_history():
    closed = BERLIN.starting(date(2026, 6, 1)).after_closing(empty=False)
    assert (closed.closed, closed.next_day) == (date(2026, 6, 1), date(2026, 6, 2))
    assert closed.starting(date(2026, 5, 1)) == closed


def test_days_without_members_do_not_count_before_the_first_with():
    clock = BERLIN.starting(date(2026, 6, 1)).after_closing(empty=True)
    assert (clock.closed, clock.next_day) == (None, date(2026, 6, 2))
    assert clock.after_closing(empty=False).after_closing(empty=True).closed == date(2026, 6, 3)


def test_a_zone_moves_the_closings_of_the_days_it_counts_for():
    clock = BERLIN.starting(date(2026, 6, 1)).with_zone("America/New_York", date(2026, 6, 3))
    days = []
    for _ in range(4):
        days.append((clock.next_day.day, clock.due_at.hour))
        clock = clock.after_closing(empty=False)
    assert days == [(1, 4), (2, 4), (3, 10), (4, 10)]


def test_of_several_customers_in_a_zone_the_earliest_day_counts():
    days = [date(2026, 6, 3), date(2026, 6, 1), date(2026, 6, 2)]
    clock = DayCalendar({})
    for day in days:
        clock = clock.with_zone("America/New_York", day)
    assert clock.zones == {"America/New_York": "2026-06-01"}
    assert BERLIN.with_zone("Europe/Berlin", days[0]) == BERLIN


def test_it_closes_over_a_clock_change():
    clock, due = BERLIN.starting(date(2026, 3, 28)), []
    for _ in range(3):
        due.append(clock.due_at.hour)
        clock = clock.after_closing(empty=False)
    assert due == [5, 4, 4]
