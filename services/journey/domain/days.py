"""Local calendar days of a customer. A day is its proleptic ordinal; a moment is epoch seconds."""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.identity import zone_or_utc

DAY_S = 86_400


@lru_cache(maxsize=65_536)  # why: one evaluation asks for the same moments fact by fact
def day_of(zone: str, moment: int) -> int:
    """The local day a moment lies in.

    >>> day_of("UTC", 86_400) - day_of("UTC", 86_399)
    1
    """
    return datetime.fromtimestamp(moment, ZoneInfo(zone_or_utc(zone))).toordinal()


@lru_cache(maxsize=65_536)
def start_of(zone: str, day: int) -> int:
    """The moment a local day begins.

    Where a change of summer time skips midnight, the day begins with the change; where midnight
    comes twice, with the first.

    >>> start_of("Europe/Berlin", date(2026, 3, 30).toordinal()) - start_of(
    ...     "Europe/Berlin", date(2026, 3, 29).toordinal()
    ... )
    82800
    """
    on = date.fromordinal(day)
    local = datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(zone_or_utc(zone)))
    return int(local.timestamp())


def seconds(moment: datetime) -> int:
    """Epoch seconds of an aware moment, fractions cut off."""
    return int(moment.timestamp() // 1)


def moment_of(epoch: int) -> datetime:
    """The UTC moment of epoch seconds."""
    return datetime.fromtimestamp(epoch, UTC)
