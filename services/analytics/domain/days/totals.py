"""Placed items summed: the open days of a closing, and the totals of days that are final."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from services.analytics.domain.days.close import OPEN_DAYS
from services.analytics.domain.days.item import COUNTS
from services.analytics.domain.days.local_day import HOURS
from services.analytics.domain.days.local_items import Placed
from services.analytics.domain.drops.state import Flags, Floats, Ints

IN_TIME, ONE_LATE, TWO_LATE, TOO_LATE = range(4)


@dataclass(frozen=True, slots=True)
class OpenDays:
    """The inputs of the days a closing folds; shape (OPEN_DAYS, n), oldest day first.

    Attributes:
        hours: distinct local hours with a use, 0 to 24.
        covered_s: seconds covered by heartbeats.
    """

    hours: Floats
    covered_s: Floats


def open_days(placed: Placed, n: int, oldest: int, told: Flags) -> OpenDays:
    """Sum the open days of n customers.

    Args:
        oldest: ordinal of the oldest open day.
        told: which items had arrived at the closing.
    """
    open_ = told & (placed.day >= oldest) & (placed.day < oldest + OPEN_DAYS)
    cell = ((placed.day - oldest) * n + placed.who)[open_]
    used = placed.items["uses"][open_] > 0
    seen = np.zeros((OPEN_DAYS * n, HOURS), dtype=bool)
    seen[cell[used], placed.hour[open_][used]] = True
    seconds = placed.items["covered_s"][open_].astype(np.float64)
    covered: Floats = np.bincount(cell, weights=seconds, minlength=OPEN_DAYS * n).astype(np.float64)
    return OpenDays(
        hours=seen.sum(axis=1, dtype=np.float64).reshape(OPEN_DAYS, n),
        covered_s=covered.reshape(OPEN_DAYS, n),
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums per customer, local day and closings missed; of equal length, sorted by these.

    Attributes:
        who: place of the customer.
        day: ordinal of the local day.
        late: closings missed; TOO_LATE: kept, but without effect.
        hours: bit h is set when there was a use in local hour h.
        counts: the other sums, by name.
    """

    who: Ints
    day: Ints
    late: Ints
    hours: Ints
    counts: dict[str, Ints]

    def take(self, which: Flags) -> "Totals":
        """Some of them."""
        counts = {name: values[which] for name, values in self.counts.items()}
        return Totals(self.who[which], self.day[which], self.late[which], self.hours[which], counts)


def totals(placed: Placed, which: Flags, closes: Callable[[date], int]) -> Totals:
    """Sum the items that `which` is true of.

    Args:
        closes: the quarter of an hour in which the region closes a day.
    """
    index = np.flatnonzero(which)
    items, hour = placed.items[index], placed.hour[index]
    who, day = placed.who[index], placed.day[index]
    late = _lateness(day, items["arrival"], closes)
    key = (who * (1 << 24) + day) * (TOO_LATE + 1) + late  # ordinals of days are below 2^22
    keys, cell = np.unique(key, return_inverse=True)
    used = items["uses"] > 0
    seen = np.zeros((len(keys), HOURS), dtype=np.int64)
    seen[cell[used], hour[used]] = 1
    return Totals(
        who=keys // (TOO_LATE + 1) // (1 << 24),
        day=keys // (TOO_LATE + 1) % (1 << 24),
        late=keys % (TOO_LATE + 1),
        hours=seen @ (1 << np.arange(HOURS)),
        counts={name: _sum(cell, items[name], len(keys)) for name in COUNTS},
    )


class DaySum(NamedTuple):
    """What was seen of a customer on a day, late or not."""

    uses: int = 0
    hours: int = 0
    covered_s: int = 0
    faults: int = 0
    errors: int = 0
    tickets: int = 0
    late_uses: int = 0

    def __or__(self, other: object) -> "DaySum":
        """Both: sums added, hours or-ed."""
        if not isinstance(other, DaySum):
            return NotImplemented
        both = (a + b for a, b in zip(self, other, strict=True))
        return DaySum(*both)._replace(hours=self.hours | other.hours)


def by_day(totals_read: Totals) -> dict[date, DaySum]:
    """The totals of one customer, whatever came late or not."""
    days: dict[date, DaySum] = {}
    for n, (ordinal, late, hours) in enumerate(
        zip(
            totals_read.day.tolist(),
            totals_read.late.tolist(),
            totals_read.hours.tolist(),
            strict=True,
        )
    ):
        counts = {name: int(values[n]) for name, values in totals_read.counts.items()}
        day_sum = DaySum(hours=hours, late_uses=counts["uses"] if late else 0, **counts)
        day = date.fromordinal(ordinal)
        days[day] = days.get(day, DaySum()) | day_sum
    return days


def _sum(cell: Ints, values: Ints, n: int) -> Ints:
    """Exact: sums stay far below 2^53."""
    sums: Ints = np.bincount(cell, weights=values, minlength=n).astype(np.int64)
    return sums


def _lateness(day: Ints, arrival: Ints, closes: Callable[[date], int]) -> Ints:
    """How many closings of the region each item has missed, at most TOO_LATE."""
    days, cell = np.unique(day, return_inverse=True)
    late = np.zeros(len(day), dtype=np.int64)
    for missed in (IN_TIME, ONE_LATE, TWO_LATE):
        closing = [closes(date.fromordinal(n + missed)) for n in days.tolist()]
        late += arrival > np.array(closing, dtype=np.int64)[cell]
    return late
