"""A customer's local days in quarters of an hour, and when a region's day closes.

Midnights of all zones in use fall on quarters of an hour, so a quarter lies in one local hour and
on one side of every closing: rounding `at` down and an arrival up to quarters loses nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SETTLE = timedelta(hours=6)  # after the last local midnight (science.md 2.2)
EAST = timedelta(hours=14)  # the easternmost zone's distance from UTC
WEST = timedelta(hours=12)  # the westernmost's
DAY = timedelta(days=1)
DAY_S = 86_400
QUARTER_S = 900
QUARTERS = 96  # of a day
HOURS = 24
EPOCH_DAY = date(1970, 1, 1).toordinal()
LAST_QUARTER = (date(9999, 1, 1).toordinal() - EPOCH_DAY) * QUARTERS
ALWAYS = date.min


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The zone of that IANA name; UTC for a name this computer does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def quarter_of(at: datetime) -> int:
    """The quarter of an hour, counted from 1970, that a moment lies in.

    Moments before 1970 and after 9998 are drawn to these ends: they have a local day everywhere.
    """
    return min(max(int(at.timestamp()) // QUARTER_S, QUARTERS), LAST_QUARTER)


def quarter_after(at: datetime) -> int:
    """The first quarter of an hour that does not begin before a moment."""
    return int(-(-at.timestamp() // QUARTER_S))


def moment_of(quarter: int) -> datetime:
    """When a quarter of an hour begins, UTC."""
    return datetime.fromtimestamp(quarter * QUARTER_S, UTC)


@lru_cache(maxsize=262_144)
def local_hour(zone: str, quarter: int) -> int:
    """The local hour a quarter of an hour lies in: 24 * the day's ordinal + the hour.

    >>> local_hour("Asia/Tokyo", quarter_of(datetime(2026, 3, 1, 16, tzinfo=UTC))) % HOURS
    1
    """
    local = datetime.fromtimestamp(quarter * QUARTER_S, zone_of(zone))
    return local.toordinal() * HOURS + local.hour


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


def counts_from(told: datetime) -> date:
    """The first day whose closing comes after a moment, in whatever zones the region is.

    News count from here on: whoever closes that day has read them, and no earlier closing looks.

    >>> counts_from(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)).day
    1
    >>> counts_from(datetime(2026, 3, 1, 16, tzinfo=UTC)).day
    2
    """
    return (told.astimezone(UTC) + EAST - SETTLE).date()


def known_until(day: date) -> datetime:
    """The moment before which news count for the closing of `day`; `counts_from` the other way."""
    return datetime.combine(day + DAY, time(), UTC) - (EAST - SETTLE)


def closed_by(day: date) -> datetime:
    """When `day` has been closed, in whatever zones the region is."""
    return datetime.combine(day + DAY, time(), UTC) + WEST + SETTLE


def zones_on(zones: Mapping[str, str | None], day: date) -> list[str]:
    """The zones that count for a region's day, so that the T_close of a day never moves back.

    Args:
        zones: IANA name -> first day it counts for (ISO), None for always.
    """
    counted = [name for name, since in zones.items() if since is None or since <= day.isoformat()]
    return counted or ["UTC"]
