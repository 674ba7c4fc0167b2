"""Which day a region closes next, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.analytics.domain.days.local_day import DAY, closes_at, zones_on

AFTER = timedelta(microseconds=1)  # a record that arrives at T_close is in time: wait for it


@dataclass(frozen=True, slots=True)
class DayCalendar:
    """Which day a region closes next, and when, by the zones of its customers.

    Attributes:
        zones: IANA names of its customers' zones, and from which day (ISO) each counts.
        next_day: the day to close next; None until the first usage.
        closed: the day closed last; None until one with members was.
        due_at: when `next_day` can be closed.
    """

    zones: Mapping[str, str | None]
    next_day: date | None = None
    closed: date | None = None
    due_at: datetime | None = None

    def with_zone(self, zone: str, since: date) -> "DayCalendar":
        """The same with a customer in that zone: of several since when the earliest counts."""
        known = self.zones.get(zone, "9999")
        if known is None or known <= since.isoformat():
            return self
        return replace(self, zones={**self.zones, zone: since.isoformat()}).due()

    def starting(self, day: date) -> "DayCalendar":
        """The same with a customer whose days count from `day` on: the first day is the earliest.

        Too early a start does no harm: a day without members leaves no trace before the first with.
        """
        if self.closed is not None or (self.next_day is not None and self.next_day <= day):
            return self
        return replace(self, next_day=day).due()

    def after_closing(self, *, empty: bool) -> "DayCalendar":
        """The same after `next_day` was closed; `empty`: it had no members."""
        if self.next_day is None:
            return self
        closed = None if empty and self.closed is None else self.next_day
        return replace(self, closed=closed, next_day=self.next_day + DAY).due()

    def due(self) -> "DayCalendar":
        """The same with `due_at` worked out again."""
        if self.next_day is None:
            return self
        return replace(self, due_at=self.closes(self.next_day) + AFTER)

    def closes(self, day: date) -> datetime:
        """T_close of a day."""
        return closes_at(zones_on(self.zones, day), day)
