"""Which day a region closes next, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.analytics.domain.local_day import DAY, closes_at, zones_on

AFTER = timedelta(microseconds=1)  # a record that arrives at T_close is in time: wait for it


@dataclass(frozen=True, slots=True)
class RegionClock:
    """A region's place in time.

    Attributes:
        zones: IANA names of its customers' zones, and from which day (ISO) each counts.
        next_day: the day to close next; None until the first usage.
        closed: the day closed last.
        due_at: when `next_day` can be closed.
    """

    zones: Mapping[str, str | None]
    next_day: date | None = None
    closed: date | None = None
    due_at: datetime | None = None

    def with_zone(self, zone: str) -> "RegionClock":
        """The same with one more zone; after the first closing it counts three days later."""
        if zone in self.zones:
            return self
        since = None if self.closed is None else (self.closed + 3 * DAY).isoformat()
        return replace(self, zones={**self.zones, zone: since}).due()

    def starting(self, day: date) -> "RegionClock":
        """The same with input for `day`: the first day is the earliest before any closing."""
        if self.closed is not None or (self.next_day is not None and self.next_day <= day):
            return self
        return replace(self, next_day=day).due()

    def after_closing(self) -> "RegionClock":
        """The same after `next_day` was closed."""
        if self.next_day is None:
            return self
        return replace(self, closed=self.next_day, next_day=self.next_day + DAY).due()

    def due(self) -> "RegionClock":
        """The same with `due_at` worked out again."""
        if self.next_day is None:
            return self
        closing = closes_at(zones_on(self.zones, self.next_day), self.next_day)
        return replace(self, due_at=closing + AFTER)
