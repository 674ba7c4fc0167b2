"""What a clock on the wall of a zone shows, and when it shows a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.identity import ZONE_EXPECTED, is_zone

LOOK = timedelta(hours=3)  # no zone has ever changed there and back within this time
RESOLUTION = timedelta(microseconds=1)


@lru_cache(maxsize=1_024)
def zone_of(name: str) -> ZoneInfo:
    """The zone. Raises ValueError: there is none of this name, or not any more."""
    if not is_zone(name):
        raise ValueError(f"zone: expected {ZONE_EXPECTED}")
    return ZoneInfo(name)


class Stretch(NamedTuple):
    """A time within which the clocks of a zone are not changed: UTC, and what they are ahead of it."""

    start: datetime
    end: datetime
    ahead: timedelta


def shown(moment: datetime, zone: str) -> datetime:
    """What the clock on the wall shows, without a zone.

    >>> shown(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Europe/Berlin").isoformat()
    '2026-03-29T03:00:00'
    """
    return moment.astimezone(zone_of(zone)).replace(tzinfo=None, fold=0)


def instant(wall: datetime, zone: str) -> datetime:
    """The first moment, UTC, at which the clock on the wall shows this time or a later one.

    Of a time that a change of summer time repeats, the first; of one that it skips, the change: so
    that a later wall time is never an earlier moment.

    Args:
        wall: without a zone.

    >>> instant(datetime(2026, 3, 29, 2, 30), "Europe/Berlin").isoformat()
    '2026-03-29T01:00:00+00:00'
    >>> instant(datetime(2026, 10, 25, 2, 30), "Europe/Berlin").isoformat()
    '2026-10-25T00:30:00+00:00'
    """
    local = wall.replace(tzinfo=zone_of(zone), fold=0)
    first = local.astimezone(UTC)
    if shown(first, zone) == wall:
        return first
    return _change(zone, local.replace(fold=1).astimezone(UTC), first)


def stretches(zone: str, start: datetime, end: datetime) -> Iterator[Stretch]:
    """The time from `start` to `end`, UTC, cut where clocks are changed."""
    at = begun = start
    ahead = _ahead(zone, start)
    while at < end:
        following = min(at + LOOK, end)
        then = _ahead(zone, following)
        if then != ahead:
            change = _change(zone, at, following)
            if begun < change:
                yield Stretch(begun, change, ahead)
            begun, ahead = change, then
        at = following
    if begun < end:
        yield Stretch(begun, end, ahead)


def _ahead(zone: str, moment: datetime) -> timedelta:
    offset = moment.astimezone(zone_of(zone)).utcoffset()
    assert offset is not None  # noqa: S101 - every zone has one
    return offset


def _change(zone: str, before: datetime, after: datetime) -> datetime:
    """The moment from which on clocks are as they are at `after`; before it as at `before`."""
    old = _ahead(zone, before)
    while after - before > RESOLUTION:
        middle = before + (after - before) / 2
        if _ahead(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after
