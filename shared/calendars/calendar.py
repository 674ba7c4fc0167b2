"""A calendar: spans of wall time for each weekday, and days that are otherwise; what lies inside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from shared.calendars.wall import Stretch, stretches, zone_of

DAY = timedelta(days=1)
MINUTES = 24 * 60
WEEKDAYS = 7
FIRST = timedelta(days=1)  # looked through at first; most answers are there
AT_ONCE = timedelta(days=32)  # then twice as much each time, up to this
HORIZON = timedelta(days=400)  # what does not open within a year and a month, never does


class Interval(NamedTuple):
    """From `start` to just before `end`, UTC."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How much time that is."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Span:
    """A span of a day, in minutes since midnight on the wall; `end` before `start`: overnight.

    It belongs to the day it begins on. From 0 to 1,440 is the whole day.

    Raises: ValueError: outside of the day, or without length.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuse what is no span."""
        if not (0 <= self.start < MINUTES and 0 < self.end <= MINUTES and self.start != self.end):
            raise ValueError(
                "span: expected minutes of a day, start from 0 to 1439 and another end from 1 to 1440"
            )

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Its wall times on a day."""
        midnight = datetime.combine(day, time())
        end = self.end if self.end > self.start else self.end + MINUTES
        return midnight + timedelta(minutes=self.start), midnight + timedelta(minutes=end)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a team works, or a customer sleeps.

    Attributes:
        zone: IANA time zone of the wall.
        weekly: spans by weekday, 0 is Monday; a day that is left out has none.
        exceptions: spans of single days, in place of the weekday's; a holiday has none.
    Raises: ValueError: there is no such zone, or a weekday that is none.
    """

    zone: str
    weekly: Mapping[int, Sequence[Span]]
    exceptions: Mapping[date, Sequence[Span]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a calendar that could not be asked."""
        zone_of(self.zone)
        if not all(0 <= day < WEEKDAYS for day in self.weekly):
            raise ValueError("weekly: expected weekdays from 0, Monday, to 6, Sunday")

    def spans(self, day: date) -> Sequence[Span]:
        """What begins on a day."""
        known = self.exceptions.get(day)
        return self.weekly.get(day.weekday(), ()) if known is None else known

    def inside(self, start: datetime, end: datetime) -> list[Interval]:
        """All that lies inside between two moments, in order, without a gap where none is."""
        intervals: list[Interval] = []
        for stretch in stretches(self.zone, start, end):
            for interval in sorted(self._within(stretch)):
                if intervals and interval.start <= intervals[-1].end:
                    intervals[-1] = Interval(
                        intervals[-1].start, max(intervals[-1].end, interval.end)
                    )
                else:
                    intervals.append(interval)
        return intervals

    def has(self, moment: datetime) -> bool:
        """Whether a moment lies inside."""
        return bool(self.inside(moment, moment + timedelta(microseconds=1)))

    def next_inside(self, moment: datetime) -> datetime | None:
        """The first moment inside, this one or later; None: there is none within the horizon."""
        return next((interval.start for interval in self._from(moment)), None)

    def next_outside(self, moment: datetime) -> datetime | None:
        """The first moment outside, this one or later: what is held by quiet hours goes out then."""
        at = moment
        for interval in self._from(moment):
            if interval.start > at:
                break
            at = interval.end
        return at if at < moment + HORIZON else None

    def after(self, moment: datetime, length: timedelta) -> datetime | None:
        """When so much time inside has passed since a moment; None: not within the horizon."""
        left = length
        if left <= timedelta(0):
            return moment
        for interval in self._from(moment):
            if interval.length >= left:
                return interval.start + left
            left -= interval.length
        return None

    def passed(self, start: datetime, end: datetime) -> timedelta:
        """How much time inside lies between two moments."""
        return sum((interval.length for interval in self.inside(start, end)), timedelta(0))

    def _from(self, moment: datetime) -> Iterator[Interval]:
        """All that lies inside from a moment on; one that goes on may come in pieces."""
        at, end, look = moment, moment + HORIZON, FIRST
        while at < end:
            following = min(at + look, end)
            yield from self.inside(at, following)
            at, look = following, min(2 * look, AT_ONCE)

    def _within(self, stretch: Stretch) -> Iterator[Interval]:
        """What of a stretch lies inside: there the wall is UTC and a constant."""
        start = stretch.start.replace(tzinfo=None) + stretch.ahead
        end = stretch.end.replace(tzinfo=None) + stretch.ahead
        day = start.date() - DAY  # what began the day before may still go on
        while day <= end.date():
            for span in self.spans(day):
                opens, closes = span.on(day)
                opens, closes = max(opens, start), min(closes, end)
                if opens < closes:
                    yield Interval(
                        stretch.start + (opens - start), stretch.start + (closes - start)
                    )
            day += DAY


def every_day(zone: str, *spans: Span) -> Calendar:
    """The same spans every day: quiet hours.

    >>> quiet = every_day("Europe/Berlin", Span(22 * 60, 8 * 60))
    >>> from datetime import UTC
    >>> str(quiet.next_outside(datetime(2026, 3, 28, 23, tzinfo=UTC)))
    '2026-03-29 06:00:00+00:00'
    """
    return Calendar(zone, dict.fromkeys(range(WEEKDAYS), spans))
