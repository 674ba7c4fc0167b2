"""A customer's local days, and until when a record may arrive to be in time for one."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SETTLE = timedelta(hours=6)  # after the last local midnight (science.md 2.2)
IN_TIME, ONE_LATE, TWO_LATE, TOO_LATE = range(4)
DAY = timedelta(days=1)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The zone of that IANA name; UTC for a name this computer does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@lru_cache(maxsize=65_536)
def ends_at(zone: str, day: date) -> datetime:
    """The local midnight after `day`, UTC; 23 or 25 hours after the last where clocks change.

    >>> ends_at("Europe/Berlin", date(2026, 3, 29)) - ends_at("Europe/Berlin", date(2026, 3, 28))
    datetime.timedelta(seconds=82800)
    """
    return datetime.combine(day + DAY, time(), zone_of(zone)).astimezone(UTC)


def closes_at(zones: Iterable[str], day: date) -> datetime:
    """T_close: six hours after the latest midnight after `day` among a region's zones."""
    return max(ends_at(zone, day) for zone in zones) + SETTLE


def zones_on(zones: Mapping[str, str | None], day: date) -> list[str]:
    """The zones that count for a region's day.

    A zone seen after the region's first closing counts from the day stored with it, so that the
    T_close of a day that is about to close does not move.

    Args:
        zones: IANA name -> first day it counts for (ISO), None for always.
    """
    counted = [name for name, since in zones.items() if since is None or since <= day.isoformat()]
    return counted or ["UTC"]


def lateness(arrival: datetime, day: date, zones: Mapping[str, str | None]) -> int:
    """How many closings of the region a record about `day` has missed, at most 3.

    0: in time; 1 or 2: applied at the next closing; 3: kept, but without effect.
    """
    for late in (IN_TIME, ONE_LATE, TWO_LATE):
        closing = day + late * DAY
        if arrival <= closes_at(zones_on(zones, closing), closing):
            return late
    return TOO_LATE
