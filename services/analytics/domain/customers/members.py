"""The members of a region at a closing, their open days as arrays, and what became final."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

import numpy as np

from services.analytics.domain.customers.at_closing import AtClosing
from services.analytics.domain.days.close import OPEN_DAYS, Roll
from services.analytics.domain.days.local_day import DAY_S, EPOCH_DAY, QUARTERS, quarter_of
from services.analytics.domain.days.local_items import Placed, day_of
from services.analytics.domain.days.slices import slices
from services.analytics.domain.days.totals import OpenDays
from services.analytics.domain.drops.day import Day
from services.analytics.domain.drops.state import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Marks:
    """How far the days of members are final; shape (n,).

    Attributes:
        day: ordinal of the last final day; 0: none is.
        heard: quarter of an hour by which what is in its totals had arrived.
    """

    day: Ints
    heard: Ints

    @classmethod
    def one(cls, day: date | None, heard: datetime | None) -> Self:
        """Those of one customer, as they are kept."""
        return cls(
            np.array([day.toordinal() if day else 0]),
            np.array([quarter_of(heard) if heard else 0]),
        )

    def after(self, oldest: int, at: datetime) -> Self:
        """The marks once a closing at `at` has folded `oldest`; they never go back."""
        return type(self)(
            day=np.maximum(self.day, oldest), heard=np.maximum(self.heard, quarter_of(at))
        )

    def cover(self, placed: Placed) -> Flags:
        """Which items are in the totals."""
        done: Flags = (placed.day <= self.day[placed.who]) & (
            placed.items["arrival"] <= self.heard[placed.who]
        )
        return done

    def of(self, part: slice) -> Self:
        """Those of some members."""
        return type(self)(self.day[part], self.heard[part])


@dataclass(frozen=True, slots=True)
class Told:
    """What was written of members at the last closing; shape (n,).

    Attributes:
        tier: an index into NAMES.
        why: of its last change, an index into WHYS; 0: it never changed.
        since: ordinal of the day of that change; 0 likewise.
        risk: as written; below 0: nothing was ever written.
    """

    tier: Ints
    why: Ints
    since: Ints
    risk: Floats

    def of(self, part: slice) -> Self:
        """Those of some members."""
        return type(self)(self.tier[part], self.why[part], self.since[part], self.risk[part])

    @classmethod
    def nothing(cls, n: int) -> Self:
        """Of N who are new."""
        zero = np.zeros(n, dtype=np.int64)
        return cls(zero, zero, zero, np.full(n, -1.0))


@dataclass(frozen=True, slots=True)
class Members:
    """Members of a region, sorted by id; arrays of shape (n,).

    Attributes:
        ids: of the customers.
        kinds: what counts of them at the closing: thousands share one.
        kind: place in `kinds`.
        first_day: ordinal of the local day of the first use or heartbeat: partial, never judged.
        final: how far their days are folded for good.
        told: what was written at the last closing.
    """

    ids: Sequence[str]
    kinds: Sequence[AtClosing]
    kind: Ints
    first_day: Ints
    final: Marks
    told: Told

    def roll(self) -> Roll:
        """The cohorts they are in."""
        kinds = Roll.of_customers(
            [kind.cohort for kind in self.kinds], [kind.firmware for kind in self.kinds]
        )
        runs = None if kinds.runs is None else kinds.runs[self.kind]
        return Roll(kinds.names, kinds.of[self.kind], kinds.firmwares, runs)

    def slices(self) -> Iterator[tuple[slice, Self]]:
        """All of them, and where each part is."""
        for part in slices(len(self.ids)):
            yield part, self.of(part)

    def of(self, part: slice) -> Self:
        """Some of them."""
        return type(self)(
            self.ids[part],
            self.kinds,
            self.kind[part],
            self.first_day[part],
            self.final.of(part),
            self.told.of(part),
        )

    def subscribed(self, day: int) -> Floats:
        """Days since each one's subscription began; NaN: none runs, or nobody has told."""
        since = [
            np.nan if kind.subscribed is None else day - kind.subscribed.toordinal()
            for kind in self.kinds
        ]
        days: Floats = np.array(since, dtype=np.float64)[self.kind]
        return days

    def open_days(self, day: int, seen: OpenDays) -> list[Day]:
        """The days a closing of `day` folds, oldest first.

        A day at or before a member's base day is not folded again (after a change of region).
        """
        oldest = day - (OPEN_DAYS - 1)
        expects = np.array([kind.expects for kind in self.kinds], dtype=bool)
        waiting = np.array([kind.waiting for kind in self.kinds], dtype=bool)
        expects, waiting = (flags.reshape(-1, OPEN_DAYS) for flags in (expects, waiting))
        first, base = self.first_day, self.final.day
        return [
            Day(
                date=oldest + n,
                uses=seen.hours[n],
                coverage=seen.covered_s[n] / DAY_S,
                member=(first < oldest + n) & (base < oldest + n),
                expects=expects[self.kind, n],
                waiting=waiting[self.kind, n],
                counts=(first <= oldest + n) & (base < oldest + n),
            )
            for n in range(OPEN_DAYS)
        ]


def belong(region: str, day: int, kinds: Sequence[AtClosing], kind: Ints, first_day: Ints) -> Ints:
    """Places of those whose `day` a region closes."""
    there = np.array([k.region == region and not k.erased for k in kinds], dtype=bool)
    return np.flatnonzero(there[kind] & (first_day <= day))


def first_days(kinds: Sequence[AtClosing], kind: Ints, began: Ints, day: int) -> Ints:
    """The local day of each one's first quarter of an hour, where the customer was then.

    Exact only for the days about `day`: of those long before it nobody asks which one it was.
    """
    days = began // QUARTERS + EPOCH_DAY
    recent = np.flatnonzero(days >= day - 2 * OPEN_DAYS)
    pairs, place = np.unique(np.stack([kind[recent], began[recent]]), axis=1, return_inverse=True)
    exact = [day_of(kinds[k].descriptions, quarter) for k, quarter in pairs.T.tolist()]
    days[recent] = np.array(exact, dtype=np.int64)[place.reshape(-1)]
    return days
