"""Whose was a source at a moment? Intervals are never back-dated."""

from dataclasses import dataclass
from datetime import datetime, timedelta

BEFORE_FIRST_CLAIM = timedelta(hours=24)  # people set a device up, then claim it


@dataclass(frozen=True, slots=True)
class Ownership:
    """A span of time in which `customer` owned a source; `until` None: still does."""

    customer: str
    since: datetime
    until: datetime | None = None


def owner_at(intervals: tuple[Ownership, ...], at: datetime) -> str | None:
    """The owner at `at`, None while unclaimed.

    Args:
        intervals: oldest first, not overlapping.
        at: when the event happened. Up to 24 h before the first claim it is the claimer's.
    """
    for interval in reversed(intervals):
        if at >= interval.since:
            return interval.customer if interval.until is None or at < interval.until else None
    if intervals and at >= intervals[0].since - BEFORE_FIRST_CLAIM:
        return intervals[0].customer
    return None
