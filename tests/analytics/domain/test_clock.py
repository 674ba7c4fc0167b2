"""A region's place in time."""

from datetime import UTC, date, datetime, timedelta

from services.analytics.domain.clock import RegionClock

TICK = timedelta(microseconds=1)
BERLIN = RegionClock({"Europe/Berlin": None})


def test_it_stands_still_until_the_first_usage():
    assert BERLIN.with_zone("Asia/Tokyo").due_at is None
    assert BERLIN.after_closing() == BERLIN


def test_it_begins_with_the_earliest_day_heard_of_before_any_closing():
    begun = BERLIN.starting(date(2026, 6, 3)).starting(date(2026, 6, 1)).starting(date(2026, 6, 2))
    assert begun.next_day == date(2026, 6, 1)
    assert begun.due_at == datetime(2026, 6, 2, 4, tzinfo=UTC) + TICK


def test_after_a_closing_earlier_days_are_history():
    closed = BERLIN.starting(date(2026, 6, 1)).after_closing()
    assert (closed.closed, closed.next_day) == (date(2026, 6, 1), date(2026, 6, 2))
    assert closed.starting(date(2026, 5, 1)) == closed


def test_a_new_zone_moves_the_closing_only_three_days_later():
    begun = BERLIN.starting(date(2026, 6, 1))
    assert begun.with_zone("America/New_York").due_at == datetime(2026, 6, 2, 10, tzinfo=UTC) + TICK
    late = begun.after_closing().with_zone("America/New_York")
    days = []
    for _ in range(4):
        days.append((late.next_day.day, late.due_at.hour))
        late = late.after_closing()
    assert days == [(2, 4), (3, 4), (4, 10), (5, 10)]


def test_it_closes_over_a_clock_change():
    clock, due = BERLIN.starting(date(2026, 3, 28)), []
    for _ in range(3):
        due.append(clock.due_at.hour)
        clock = clock.after_closing()
    assert due == [5, 4, 4]
