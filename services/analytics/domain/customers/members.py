"""The members of a region at a closing, their open days as arrays, and what became final."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

import numpy as np

from services.analytics.domain.customers.at_closing import AtClosing, cohort_name
from services.analytics.domain.days.close import OPEN_DAYS, Closed, Roll, judged_by
from services.analytics.domain.days.local_day import DAY_S, moment_of, quarter_of
from services.analytics.domain.days.local_items import Placed, arrived, day_of
from services.analytics.domain.days.totals import open_days
from services.analytics.domain.drops.day import Day
from services.analytics.domain.drops.findings import Change, Why
from services.analytics.domain.drops.fold import level
from services.analytics.domain.drops.state import Flags, Ints, States
from services.analytics.domain.drops.tiers import NAMES, severity
from services.analytics.domain.risks.condition import CONDITIONS, conditions
from services.analytics.domain.risks.rating import Rated
from shared.events.risk_changed import Tier


@dataclass(frozen=True, slots=True)
class Member:
    """One customer, as of a closing.

    Attributes:
        first_day: ordinal of the local day of the first use or heartbeat: partial, never judged.
        base_day: last day that is folded for good; None for a new customer.
        heard_until: what had arrived by then is in the totals of the days up to `base_day`.
        tier: as told last; None or `learning` before the first verdict.
        why: of that tier.
        since: day of its change.
    """

    id: str
    at_closing: AtClosing
    first_day: int
    base_day: date | None = None
    heard_until: datetime | None = None
    tier: str | None = None
    why: Why | None = None
    since: date | None = None

    @property
    def told(self) -> Tier:
        """The tier the others know of."""
        return self.tier if self.tier in ("watch", "at_risk") else "none"  # type: ignore[return-value]

    def belongs(self, region: str, day: date) -> bool:
        """Whether a region closes this day of the customer."""
        at_closing = self.at_closing
        return (
            at_closing.region == region
            and self.first_day <= day.toordinal()
            and not at_closing.erased
        )


def first_day(at_closing: AtClosing, began: datetime) -> int:
    """The local day of a moment, where the customer was then."""
    return day_of(at_closing.descriptions, quarter_of(began))


@dataclass(frozen=True, slots=True)
class Members:
    """All of them, sorted by id, with their states after their base day."""

    all: Sequence[Member]
    base: States

    @classmethod
    def of(cls, known: Sequence[Member], states: States, region: str, day: date) -> Self:
        """Those of the known customers that belong to the region."""
        there = [i for i, member in enumerate(known) if member.belongs(region, day)]
        if len(there) == len(known):
            return cls(known, states)
        return cls([known[i] for i in there], states.take(np.array(there, dtype=np.int64)))

    def before(self) -> Ints:
        """The tier each was in at the last closing; 0 before the first."""
        known = {name: number for number, name in enumerate(NAMES)}
        return np.array([known.get(m.tier or "", 0) for m in self.all], dtype=np.int64)

    def roll(self) -> Roll:
        """The cohorts they are in."""
        return Roll.of_customers([m.at_closing.cohort for m in self.all])

    def open_days(self, day: date, placed: Placed, closing: int) -> list[Day]:
        """The days a closing of `day` folds, oldest first.

        A day at or before a member's base day is not folded again (after a change of region).

        Args:
            closing: the quarter of an hour of T_close; what arrives later has no effect yet.
        """
        oldest = day.toordinal() - (OPEN_DAYS - 1)
        seen = open_days(placed, len(self.all), oldest, arrived(placed, closing))
        base = self.final().day
        first = np.array([m.first_day for m in self.all], dtype=np.int64)
        expects = np.array([m.at_closing.expects for m in self.all], dtype=bool)
        expects = expects.reshape(len(self.all), OPEN_DAYS)
        waiting = np.array([m.at_closing.waiting for m in self.all], dtype=bool)
        waiting = waiting.reshape(len(self.all), OPEN_DAYS)
        return [
            Day(
                date=oldest + n,
                uses=seen.hours[n],
                coverage=seen.covered_s[n] / DAY_S,
                member=(first < oldest + n) & (base < oldest + n),
                expects=expects[:, n],
                waiting=waiting[:, n],
                counts=(first <= oldest + n) & (base < oldest + n),
            )
            for n in range(OPEN_DAYS)
        ]

    def final(self) -> "Marks":
        """How far each member's days are final already."""
        return Marks.of([(m.base_day, m.heard_until) for m in self.all])

    def numbers(
        self,
        region: str,
        day: date,
        roll: Roll,
        closed: Closed,
        rated: Rated,
        changed: Sequence[Change],
    ) -> dict[str, list[Any]]:
        """What led to each member's tier, one list per number."""
        present, frame = closed.present, closed.frame
        words = conditions(present, day.toordinal(), rated.prior)
        later = [None] * len(self.all) if rated.later is None else rated.later.tolist()
        columns: dict[str, Any] = {
            "tier": [NAMES[n] for n in rated.tier.tolist()],
            "posterior": present.posterior,
            "drop_stop": present.drop_stop,
            "drop_most": present.drop_most,
            "drop_part": present.drop_part,
            "expected": closed.expected,
            "recent": present.recent,
            "usual": present.usual,
            "baseline": level(present, frame),
            "severity": severity(present),
            "risk": rated.risk,
            "risk_90": later,
            "head": [None if rated.head is None else date.fromordinal(rated.head)] * len(self.all),
            "away": present.away,
            "state": [CONDITIONS[n] for n in words.tolist()],
            "onset": [date.fromordinal(n) if n else None for n in present.onset.tolist()],
            "reporting_days": present.reporting_days,
            "silent_days": present.silent_days,
            "days_above": present.days_above,
            "factor": frame.factor,
            "weight": frame.weight,
            "dispersion": frame.dispersion,
            "outage": frame.outage,
        }
        names = [m.at_closing.cohort.partition("/") for m in self.all]
        moved = {change.index: change.why for change in changed}
        cohorts = [cohort_name(name, region) for name in judged_by(roll, closed.provisional)]
        n = range(len(self.all))
        prices = [m.at_closing.price for m in self.all]
        worth = np.array([price or 0.0 for price in prices], dtype=np.float64)
        return {
            "customer": [m.id for m in self.all],
            "region": [region] * len(n),
            "price_month": prices,
            "at_stake": (rated.risk * worth).tolist(),
            "model": [model for model, _, _ in names],
            "plan": [plan for _, _, plan in names],
            "cohort": [cohorts[c] for c in roll.of.tolist()],
            "day": [day] * len(n),
            "why": [moved.get(i, self.all[i].why) for i in n],
            "since": [day if i in moved else self.all[i].since for i in n],
            **{k: c if isinstance(c, list) else c.tolist() for k, c in columns.items()},
        }


@dataclass(frozen=True, slots=True)
class Marks:
    """How far the days of members are final; shape (n,).

    Attributes:
        day: ordinal of the last final day.
        heard: quarter of an hour by which what is in its totals had arrived.
    """

    day: Ints
    heard: Ints

    @classmethod
    def of(cls, marks: Sequence[tuple[date | None, datetime | None]]) -> Self:
        """The marks as they are kept; None for who has no final day."""
        return cls(
            day=np.array([day.toordinal() if day else 0 for day, _ in marks], dtype=np.int64),
            heard=np.array([quarter_of(at) if at else 0 for _, at in marks], dtype=np.int64),
        )

    def after(self, oldest: date, at: datetime) -> Self:
        """The marks once a closing at `at` has folded `oldest`; they never go back."""
        return type(self)(
            day=np.maximum(self.day, oldest.toordinal()),
            heard=np.maximum(self.heard, quarter_of(at)),
        )

    def cover(self, placed: Placed) -> Flags:
        """Which items are in the totals."""
        done: Flags = (placed.day <= self.day[placed.who]) & (
            placed.items["arrival"] <= self.heard[placed.who]
        )
        return done

    def columns(self) -> dict[str, list[Any]]:
        """As they are kept."""
        return {
            "day": [date.fromordinal(n) for n in self.day.tolist()],
            "heard_until": [moment_of(n) for n in self.heard.tolist()],
        }
