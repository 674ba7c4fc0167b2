"""Events of a batch as items per customer: what happened when, in UTC; no day is chosen yet."""

from dataclasses import dataclass, field
from datetime import datetime

from services.analytics.domain.days.item import Key, pack
from services.analytics.domain.days.local_day import (
    DAY_S,
    moment_of,
    quarter_after,
    quarter_of,
)
from shared.events import Heartbeat

USES, COVERED, FAULTS, ERRORS, TICKETS = range(5)


@dataclass(frozen=True, slots=True)
class RecentInput:
    """What one batch brought of one customer.

    Attributes:
        cause: id of the first record in it; a record is handled once, so it is unique.
        first_at: the earliest thing in it happened then.
        arrived: by then all of it had.
        items: packed.
    """

    customer: str
    cause: str
    first_at: datetime
    arrived: datetime
    items: bytes


@dataclass(slots=True)
class Kept:
    """A customer's part of a batch.

    Attributes:
        cause: id of the first record.
        items: counts by quarter of `at`, quarter of arrival, days ahead.
    """

    cause: str
    items: dict[Key, list[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Inputs:
    """A batch's items per customer. Equal moments are added up, so order never matters."""

    of: dict[str, Kept] = field(default_factory=dict)
    _arrival: datetime | None = None
    _arrived: int = 0

    def add(
        self, customer: str, cause: str, at: datetime, arrival: datetime, what: int, n: int
    ) -> None:
        """Count `n` of `what` at a moment."""
        self._add(customer, cause, (quarter_of(at), self._quarter(arrival), 0), what, n)

    def heard(self, beat: Heartbeat, customer: str, cause: str, arrival: datetime) -> None:
        """A heartbeat: it covers the time until the next one is due, over midnights too."""
        at, arrived, left = quarter_of(beat.at), self._quarter(arrival), beat.every_s
        self._add(customer, cause, (at, arrived, 0), COVERED, min(left, DAY_S))
        for ahead in range(1, -(-left // DAY_S)):
            covered = min(left - ahead * DAY_S, DAY_S)
            self._add(customer, cause, (at, arrived, ahead), COVERED, covered)

    def forget(self, customer: str, after: datetime) -> None:
        """Drop what arrived after a moment."""
        kept, last = self.of[customer], quarter_of(after)
        kept.items = {key: counts for key, counts in kept.items.items() if key[1] <= last}
        if not kept.items:
            del self.of[customer]

    def rows(self) -> list[RecentInput]:
        """A row per customer, sorted."""
        return [_row(customer, self.of[customer]) for customer in sorted(self.of)]

    def began(self) -> dict[str, datetime]:
        """For each customer when the first of it had both happened and arrived."""
        return {
            customer: moment_of(min(max(at, arrival) for at, arrival, _ in kept.items))
            for customer, kept in self.of.items()
        }

    def _add(self, customer: str, cause: str, key: Key, what: int, n: int) -> None:
        kept = self.of.get(customer)
        if kept is None:
            kept = self.of[customer] = Kept(cause)
        counts = kept.items.get(key)
        if counts is None:
            counts = kept.items[key] = [0, 0, 0, 0, 0]
        counts[what] += n

    def _quarter(self, arrival: datetime) -> int:
        if arrival is not self._arrival:  # all records between two beacons have the same
            self._arrival, self._arrived = arrival, quarter_after(arrival)
        return self._arrived


def _row(customer: str, kept: Kept) -> RecentInput:
    return RecentInput(
        customer,
        kept.cause,
        first_at=moment_of(min(at for at, _, _ in kept.items)),
        arrived=moment_of(max(arrival for _, arrival, _ in kept.items)),
        items=pack(kept.items.items()),
    )
