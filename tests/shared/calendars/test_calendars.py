"""Calendars against a clock on the wall: any zone, overnight, in the hour that is skipped or repeated."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.calendars.calendar import MINUTES, Calendar, Span, every_day
from shared.calendars.wall import instant, shown, stretches

ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata",
    "Pacific/Apia", "Africa/Casablanca", "America/Santiago", "Asia/Kathmandu", "UTC",
)  # fmt: skip
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
OFFICE = Span(9 * 60, 17 * 60)
WORK = Calendar("Europe/Berlin", dict.fromkeys(range(5), (OFFICE,)))
NIGHT = every_day("Europe/Berlin", Span(22 * 60, 6 * 60))


def utc(*parts) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def berlin(*parts) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        pytest.param("Asia/Kolkata", (2026, 6, 1, 9, 0), utc(2026, 6, 1, 3, 30), id="half an hour"),
        pytest.param("Europe/Berlin", (2026, 3, 29, 1, 59), utc(2026, 3, 29, 0, 59), id="before"),
        pytest.param("Europe/Berlin", (2026, 3, 29, 2, 0), utc(2026, 3, 29, 1), id="skipped"),
        pytest.param("Europe/Berlin", (2026, 3, 29, 2, 59), utc(2026, 3, 29, 1), id="skipped too"),
        pytest.param("Europe/Berlin", (2026, 3, 29, 3, 0), utc(2026, 3, 29, 1), id="the change"),
        pytest.param("Europe/Berlin", (2026, 10, 25, 2, 30), utc(2026, 10, 25, 0, 30), id="twice"),
        pytest.param("Europe/Berlin", (2026, 10, 25, 3, 0), utc(2026, 10, 25, 2), id="after twice"),
        pytest.param(
            "Australia/Lord_Howe", (2026, 10, 4, 2, 15), utc(2026, 10, 3, 15, 30), id="half a gap"
        ),
        pytest.param(
            "Pacific/Apia", (2011, 12, 30, 12, 0), utc(2011, 12, 30, 10), id="a day nobody had"
        ),
    ],
)
def test_when_the_wall_shows_a_time(zone, wall, expected):
    assert instant(utc(*wall).replace(tzinfo=None), zone) == expected


@pytest.mark.parametrize(
    ("since", "hours", "expected"),
    [
        pytest.param(berlin(2026, 3, 6, 16, 30), 1, berlin(2026, 3, 9, 9, 30), id="a week-end"),
        pytest.param(berlin(2026, 3, 6, 16, 0), 1, berlin(2026, 3, 6, 17), id="to the end"),
        pytest.param(berlin(2026, 3, 7, 12, 0), 0, berlin(2026, 3, 7, 12), id="no time"),
        pytest.param(berlin(2026, 3, 7, 12, 0), 40, berlin(2026, 3, 13, 17), id="a whole week"),
        pytest.param(berlin(2026, 3, 27, 9), 16, berlin(2026, 3, 30, 17), id="over a change"),
    ],
)
def test_working_time(since, hours, expected):
    assert WORK.after(since, hours * HOUR) == expected
    assert WORK.passed(since, expected) == hours * HOUR


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param(berlin(2026, 6, 1, 21, 59), berlin(2026, 6, 1, 21, 59), id="not yet"),
        pytest.param(berlin(2026, 6, 1, 22, 0), berlin(2026, 6, 2, 6), id="it begins"),
        pytest.param(berlin(2026, 6, 2, 5, 59), berlin(2026, 6, 2, 6), id="since yesterday"),
        pytest.param(berlin(2026, 6, 2, 6, 0), berlin(2026, 6, 2, 6), id="it ends"),
        pytest.param(utc(2026, 3, 28, 21), utc(2026, 3, 29, 4), id="a short night"),
        pytest.param(utc(2026, 10, 24, 20), utc(2026, 10, 25, 5), id="a long night"),
    ],
)
def test_what_quiet_hours_hold_goes_out_when_they_end(moment, expected):
    assert NIGHT.next_outside(moment) == expected


def test_a_holiday_and_a_day_with_other_hours():
    exceptions = {date(2026, 3, 9): (), date(2026, 3, 10): (Span(10 * 60, 12 * 60),)}
    some = Calendar("Europe/Berlin", WORK.weekly, exceptions)
    assert some.after(berlin(2026, 3, 6, 16, 30), HOUR) == berlin(2026, 3, 10, 10, 30)
    assert not some.has(berlin(2026, 3, 9, 10))


def test_always_and_never():
    always, never = every_day("UTC", Span(0, MINUTES)), Calendar("UTC", {})
    now = utc(2026, 3, 1)
    assert (always.next_inside(now), always.next_outside(now)) == (now, None)
    assert (never.next_inside(now), never.next_outside(now)) == (None, now)
    assert never.after(now, HOUR) is None
    assert len(always.inside(now, now + 40 * DAY)) == 1


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Span(600, 600), "span: expected"),
        (lambda: Span(-1, 600), "span: expected"),
        (lambda: Span(600, 1_441), "span: expected"),
        (lambda: Calendar("Mars/Olympus", {}), "zone: expected an IANA time zone"),
        (lambda: Calendar("UTC", {7: ()}), "weekly: expected weekdays"),
        (lambda: instant(utc(2026, 1, 1).replace(tzinfo=None), "localtime"), "zone: expected"),
    ],
)
def test_what_is_none_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


zones = st.sampled_from(ZONES)
minutes = st.integers(0, MINUTES - 1)
spans = st.tuples(minutes, st.integers(1, MINUTES)).filter(lambda two: two[0] != two[1]).map(
    lambda two: Span(*two)
)  # fmt: skip
weeks = st.dictionaries(st.integers(0, 6), st.lists(spans, max_size=3))
# around changes of summer time, to the second
CHANGES = (
    utc(2026, 3, 29, 1), utc(2026, 10, 25, 1), utc(2026, 3, 8, 7), utc(2026, 11, 1, 6),
    utc(2026, 4, 4, 15), utc(2026, 10, 3, 15, 30), utc(2011, 12, 30, 10), utc(2026, 2, 15, 2),
)  # fmt: skip
moments = st.builds(
    lambda change, s: change + timedelta(seconds=s),
    st.sampled_from(CHANGES), st.integers(-3 * 86_400, 3 * 86_400),
)  # fmt: skip


def on_the_wall(calendar: Calendar, moment: datetime) -> bool:
    """What somebody says who looks at the clock on the wall, minute by minute."""
    local = moment.astimezone(ZoneInfo(calendar.zone))
    now = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - DAY
    return any(
        one.start <= now < one.end if one.end > one.start else one.start <= now
        for one in calendar.spans(today)
    ) or any(one.end < one.start and now < one.end for one in calendar.spans(yesterday))


@given(zones, weeks, moments)
def test_inside_is_what_the_wall_says(zone, weekly, moment):
    calendar = Calendar(zone, weekly)
    assert calendar.has(moment) == on_the_wall(calendar, moment)


@given(zones, weeks, moments, st.integers(0, 5 * 86_400), st.integers(0, 5 * 86_400))
def test_intervals_are_in_order_apart_whole_and_add_up(zone, weekly, start, first_s, second_s):
    calendar = Calendar(zone, weekly)
    middle = start + timedelta(seconds=first_s)
    end = middle + timedelta(seconds=second_s)
    found = calendar.inside(start, end)
    for one, following in pairwise(found):
        assert one.end < following.start
    for one in found:
        assert start <= one.start < one.end <= end
        for moment in (one.start, one.start + one.length / 2, one.end - timedelta(seconds=1)):
            assert on_the_wall(calendar, moment)
        if one.start > start:
            assert not on_the_wall(calendar, one.start - timedelta(seconds=1))
        if one.end < end:
            assert not on_the_wall(calendar, one.end)
    passed = calendar.passed(start, middle) + calendar.passed(middle, end)
    assert calendar.passed(start, end) == passed


@given(zones, weeks, moments, st.integers(0, 200_000))
def test_after_so_much_time_inside_exactly_so_much_has_passed(zone, weekly, moment, seconds):
    calendar = Calendar(zone, weekly)
    length = timedelta(seconds=seconds)
    end = calendar.after(moment, length)
    if end is not None:
        assert calendar.passed(moment, end) == length
        if seconds:
            assert calendar.passed(moment, end - timedelta(seconds=1)) < length
    opens, closes = calendar.next_inside(moment), calendar.next_outside(moment)
    assert opens is None or on_the_wall(calendar, opens)
    assert closes is None or not on_the_wall(calendar, closes)
    assert moment in (opens, closes)


@given(zones, moments, st.integers(0, 86_400))
def test_a_later_wall_time_is_never_an_earlier_moment(zone, moment, seconds):
    wall = shown(moment, zone)
    later = wall + timedelta(seconds=seconds)
    assert instant(wall, zone) <= moment  # of two, the first
    assert instant(wall, zone) <= instant(later, zone)
    for each in (wall, later):
        at = instant(each, zone)
        assert shown(at - timedelta(microseconds=1), zone) < each <= shown(at, zone)


@given(zones, moments, st.integers(1, 10 * 86_400))
def test_stretches_cover_the_time_and_clocks_stand_still_within(zone, start, seconds):
    end = start + timedelta(seconds=seconds)
    found = list(stretches(zone, start, end))
    assert (found[0].start, found[-1].end) == (start, end)
    for one, following in pairwise(found):
        assert one.end == following.start
        assert one.ahead != following.ahead
    for one in found:
        for moment in (one.start, one.end - timedelta(microseconds=1)):
            assert shown(moment, zone) == moment.replace(tzinfo=None) + one.ahead
