"""Days of UTC, by which numbers of all services are counted for people."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

T = TypeVar("T")


def last_days(now: datetime, n: int) -> Sequence[date]:
    """The last `n` days with the present one, the oldest first.

    >>> last_days(datetime(2026, 3, 1, 9, tzinfo=UTC), 2)
    [datetime.date(2026, 2, 28), datetime.date(2026, 3, 1)]
    """
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in range(n - 1, -1, -1)]


def begin(day: date) -> datetime:
    """Its first moment."""
    return datetime.combine(day, time(), UTC)


def filled(days: Sequence[date], counts: Mapping[date, int]) -> Sequence[int]:
    """A number for each day; 0 where nothing was counted."""
    return [counts.get(day, 0) for day in days]
