"""When a customer can be called: the hours of a team in pieces, without what is taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared.calendars.calendar import DAY, Calendar, Interval
from shared.calendars.wall import shown, zone_of

AWAKE = range(7, 22)  # hours of the day at which people like to be called


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which slots are offered.

    Attributes:
        earliest, latest: a slot begins from the one to the other.
        length: of each.
        at_once: calls of the team at the same time.
    """

    earliest: datetime
    latest: datetime
    length: timedelta
    at_once: int = 1


def slots(hours: Calendar, bounds: Bounds, taken: Iterable[Interval]) -> list[datetime]:
    """The moments at which one can begin, in order.

    Pieces are counted from the moment the team opens: whoever looks later sees the same ones. In the hour
    that a change of summer time repeats there are as many as in two, in the one it skips there is none.

    Args:
        taken: calls of the team that are booked.
    """
    booked = sorted(taken)
    begin = datetime.combine(bounds.earliest.astimezone(UTC).date() - DAY, time(), UTC)
    return [
        start
        for interval in hours.inside(begin, bounds.latest + bounds.length)
        for start in _pieces(interval, bounds.length)
        if bounds.earliest <= start <= bounds.latest
        and _at_once(booked, start, start + bounds.length) < bounds.at_once
    ]


def _pieces(interval: Interval, length: timedelta) -> Iterable[datetime]:
    many = interval.length // length
    return (interval.start + n * length for n in range(many))


def _at_once(booked: Sequence[Interval], start: datetime, end: datetime) -> int:
    """How many are under way at some moment of it, at most."""
    over = [call for call in booked if call.start < end and start < call.end]
    return max(
        (sum(c.start <= at < c.end for c in over) for at in _moments(over, start)), default=0
    )


def _moments(over: Sequence[Interval], start: datetime) -> set[datetime]:
    return {max(call.start, start) for call in over}


@dataclass(frozen=True, slots=True)
class Shown:
    """A slot as somebody is shown it.

    Attributes:
        wall: what their clock shows, told apart where it does so twice.
        is_night: few would choose it, where they live.
    """

    at: datetime
    wall: str
    is_night: bool = False


def by_day(starts: Sequence[datetime], zone: str) -> dict[date, list[Shown]]:
    """Slots by the days of a zone, in order."""
    walls = [shown(start, zone) for start in starts]
    twice = (
        {wall for wall in walls if walls.count(wall) > 1} if len(set(walls)) < len(walls) else ()
    )
    days: dict[date, list[Shown]] = {}
    for start, wall in zip(starts, walls, strict=True):
        said = f"{wall:%H:%M}"
        if wall in twice:
            said += f" ({start.astimezone(zone_of(zone)):%Z})"
        days.setdefault(wall.date(), []).append(Shown(start, said, wall.hour not in AWAKE))
    return days


def when(at: datetime, zone: str) -> str:
    """A moment as a customer is told it.

    >>> when(datetime(2026, 7, 1, 13, 30, tzinfo=UTC), "Europe/Berlin")
    'Wednesday 1 July 2026, 15:30 (Europe/Berlin)'
    """
    wall = shown(at, zone)
    return f"{day_said(wall.date())} {wall.year}, {wall:%H:%M} ({zone})"


def day_said(day: date) -> str:
    """A day as a customer is told it.

    >>> day_said(date(2026, 7, 1))
    'Wednesday 1 July'
    """
    return f"{day:%A} {day.day} {day:%B}"
