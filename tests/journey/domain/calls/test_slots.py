"""When a customer can be called: in the team's hours, on the customer's wall, never twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.journey.domain.calls.slots import Bounds, by_day, day_said, slots, when
from shared.calendars.calendar import Calendar, Interval, Span
from shared.calendars.wall import shown

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
NINE_TO_FIVE = {day: (Span(9 * 60, 17 * 60),) for day in range(5)}
HOUR = timedelta(hours=1)


def offered(hours, since, until, *, length=HOUR, taken=(), at_once=1):
    return slots(hours, Bounds(since, until, length, at_once), taken)


def walls(starts, zone):
    return [
        f"{day_said(day)} {slot.wall}" for day, of in by_day(starts, zone).items() for slot in of
    ]


def test_pieces_of_the_hours_from_the_earliest_to_the_latest():
    berlin = Calendar("Europe/Berlin", NINE_TO_FIVE)
    friday = datetime(2026, 3, 27, 13, 30, tzinfo=UTC)  # 14:30 there
    found = offered(berlin, friday, friday + timedelta(days=3))
    assert walls(found, "Europe/Berlin") == [
        "Friday 27 March 15:00",
        "Friday 27 March 16:00",
        "Monday 30 March 09:00",  # summer time has begun between
        "Monday 30 March 10:00",
        "Monday 30 March 11:00",
        "Monday 30 March 12:00",
        "Monday 30 March 13:00",
        "Monday 30 March 14:00",
        "Monday 30 March 15:00",
    ]
    assert walls(found[2:3], "America/New_York") == ["Monday 30 March 03:00"]


def test_the_hour_that_is_skipped_has_none_and_the_repeated_one_is_told_apart():
    night = Calendar("Europe/Berlin", dict.fromkeys(range(7), (Span(60, 4 * 60),)))
    spring = offered(
        night, datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 3, tzinfo=UTC)
    )
    assert walls(spring, "Europe/Berlin") == ["Sunday 29 March 01:00", "Sunday 29 March 03:00"]
    autumn = offered(
        night, datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC)
    )
    assert walls(autumn, "Europe/Berlin") == [
        "Sunday 25 October 01:00",
        "Sunday 25 October 02:00 (CEST)",
        "Sunday 25 October 02:00 (CET)",
        "Sunday 25 October 03:00",
    ]


@pytest.mark.parametrize(
    ("at_once", "booked", "free"),
    [(1, 0, True), (1, 1, False), (2, 1, True), (2, 2, False), (2, 3, False)],
)
def test_a_time_is_free_while_somebody_of_the_team_is(at_once, booked, free):
    nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
    taken = [Interval(nine, nine + HOUR)] * booked
    found = offered(Calendar("UTC", NINE_TO_FIVE), nine, nine + HOUR, taken=taken, at_once=at_once)
    assert (nine in found) is free
    assert nine + HOUR in found


def test_two_short_calls_one_after_the_other_leave_room_for_one_beside_them():
    nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
    half = HOUR / 2
    taken = [Interval(nine, nine + half), Interval(nine + half, nine + HOUR)]
    assert nine in offered(Calendar("UTC", NINE_TO_FIVE), nine, nine, taken=taken, at_once=2)


def test_the_night_is_that_of_the_customer():
    berlin = Calendar("Europe/Berlin", NINE_TO_FIVE)
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    free = offered(berlin, monday, monday + timedelta(days=1))
    for zone, night in (("Europe/Berlin", []), ("America/New_York", ["03", "04", "05", "06"])):
        (of,) = by_day(free, zone).values()
        assert [slot.wall[:2] for slot in of if slot.is_night] == night


def test_a_moment_is_told_on_the_customers_wall():
    assert when(datetime(2026, 1, 1, 4, tzinfo=UTC), "America/New_York") == (
        "Wednesday 31 December 2025, 23:00 (America/New_York)"
    )


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001 - UTC is next
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)


@settings(max_examples=150, deadline=None)
@given(
    team=st.sampled_from(ZONES), customer=st.sampled_from(ZONES), now=moments,
    opens=st.integers(0, 23), closes=st.integers(0, 23),
    minutes=st.sampled_from([15, 20, 45, 60, 90]), at_once=st.integers(1, 2),
    takes=st.lists(st.integers(0, 400), max_size=30),
)  # fmt: skip
def test_all_that_is_offered_can_be_kept(
    team, customer, now, opens, closes, minutes, at_once, takes
):
    if opens == closes:
        closes = (opens + 8) % 24
    hours = Calendar(team, dict.fromkeys(range(5), (Span(opens * 60, closes * 60 or 1440),)))
    length, latest = timedelta(minutes=minutes), now + timedelta(days=6)
    taken: list[Interval] = []
    for take in takes:  # book one after the other, as customers do
        free = offered(hours, now, latest, length=length, taken=taken, at_once=at_once)
        if free:
            start = free[take % len(free)]
            taken.append(Interval(start, start + length))
    found = offered(hours, now, latest, length=length, taken=taken, at_once=at_once)
    assert found == sorted(set(found))
    for start in found:
        assert now <= start <= latest
        assert hours.passed(start, start + length) == length  # all of it within the hours
    for call in taken:
        assert sum(one.start < call.end and call.start < one.end for one in taken) <= at_once * 2
    for at in {call.start for call in taken}:
        assert sum(call.start <= at < call.end for call in taken) <= at_once
    days = by_day(found, customer)
    flat = [slot for of in days.values() for slot in of]
    assert [slot.at for slot in flat] == found
    told = [(day, slot.wall) for day, of in days.items() for slot in of]
    assert len(set(told)) == len(told)  # no two are told alike
    assert all(slot.wall.startswith(f"{shown(slot.at, customer):%H:%M}") for slot in flat)
