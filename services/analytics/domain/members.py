"""The members of a region at a closing, and their open days as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from services.analytics.domain.close import OPEN_DAYS, Closed, Roll, judged_by
from services.analytics.domain.customer import Customer, cohort_name
from services.analytics.domain.day import Day
from services.analytics.domain.findings import Change, Why
from services.analytics.domain.fold import level
from services.analytics.domain.inputs import DAY_S
from services.analytics.domain.local_day import DAY
from services.analytics.domain.state import States
from services.analytics.domain.tiers import NAMES, risk, severity, tiers
from shared.events.risk_changed import Tier

Inputs = Mapping[tuple[str, date], tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Member:
    """One customer of the region.

    Attributes:
        first_day: local day of the first usage or heartbeat: partial, never judged.
        base_day: last day that is folded for good; None for a new customer.
        tier: as told last; None or `learning` before the first verdict.
        why: of that tier.
        since: day of its change.
    """

    id: str
    customer: Customer
    first_day: date
    base_day: date | None
    tier: str | None
    why: Why | None
    since: date | None

    @property
    def told(self) -> Tier:
        """The tier the others know of."""
        return self.tier if self.tier in ("watch", "at_risk") else "none"  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Members:
    """All of them, sorted by id, with their states after their base day."""

    all: Sequence[Member]
    base: States

    def roll(self, day: date) -> Roll:
        """The cohorts they are in."""
        return Roll.of_customers([m.customer.cohort(day) for m in self.all])

    def open_days(self, day: date, inputs: Inputs) -> list[Day]:
        """The days a closing of `day` folds, oldest first.

        A day at or before a member's base day is not folded again (after a change of region).
        """
        return [self._day(day - back * DAY, inputs) for back in reversed(range(OPEN_DAYS))]

    def _day(self, day: date, inputs: Inputs) -> Day:
        seen = [inputs.get((m.id, day), (0, 0.0)) for m in self.all]
        return Day(
            date=day.toordinal(),
            uses=np.array([hours.bit_count() for hours, _ in seen], dtype=np.float64),
            coverage=np.array([covered / DAY_S for _, covered in seen], dtype=np.float64),
            member=np.array(
                [m.first_day < day and (m.base_day is None or m.base_day < day) for m in self.all],
                dtype=bool,
            ),
            expects=np.array([m.customer.expects_heartbeats(day) for m in self.all], dtype=bool),
        )

    def numbers(
        self, region: str, day: date, roll: Roll, closed: Closed, changed: Sequence[Change]
    ) -> dict[str, list[Any]]:
        """What led to each member's tier, one list per number."""
        present, frame = closed.present, closed.frame
        columns: dict[str, Any] = {
            "tier": [NAMES[n] for n in tiers(present).tolist()],
            "posterior": present.posterior,
            "drop_stop": present.drop_stop,
            "drop_most": present.drop_most,
            "drop_part": present.drop_part,
            "expected": closed.expected,
            "recent": present.recent,
            "usual": present.usual,
            "baseline": level(present, frame),
            "severity": severity(present),
            "risk": risk(present),
            "onset": [date.fromordinal(n) if n else None for n in present.onset.tolist()],
            "reporting_days": present.reporting_days,
            "silent_days": present.silent_days,
            "days_above": present.days_above,
            "factor": frame.factor,
            "weight": frame.weight,
            "dispersion": frame.dispersion,
            "outage": frame.outage,
        }
        moved = {change.place: change.why for change in changed}
        cohorts = [cohort_name(name, region) for name in judged_by(roll, closed.provisional)]
        n = range(len(self.all))
        return {
            "customer": [m.id for m in self.all],
            "region": [region] * len(n),
            "cohort": [cohorts[c] for c in roll.of.tolist()],
            "day": [day] * len(n),
            "why": [moved.get(i, self.all[i].why) for i in n],
            "since": [day if i in moved else self.all[i].since for i in n],
            **{k: c if isinstance(c, list) else c.tolist() for k, c in columns.items()},
        }
