"""What a closing writes of its members: the numbers that led to each one's tier, a column each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from services.analytics.domain.customers.at_closing import cohort_name
from services.analytics.domain.customers.members import Members
from services.analytics.domain.days.close import Frozen, Roll, judged_by, spread
from services.analytics.domain.drops.findings import WHYS, Change
from services.analytics.domain.drops.fold import level, with_own
from services.analytics.domain.drops.parameters import STANDARD
from services.analytics.domain.drops.state import Floats, Ints, States
from services.analytics.domain.drops.tiers import NAMES, severity
from services.analytics.domain.risks.cancelling import Cancels
from services.analytics.domain.risks.condition import CONDITIONS, conditions
from services.analytics.domain.risks.rating import Rated

NEW: Final = -1.0  # the risk of who never had one
STEADY: Final = 0.005  # by so much a risk may move and is not written anew, nor its places in lists


@dataclass(frozen=True, slots=True)
class Coded:
    """A column with few different values.

    Attributes:
        values: text, dates, numbers or None.
        of: place in `values`, shape (n,).
    """

    values: Sequence[Any]
    of: Ints

    @classmethod
    def days(cls, ordinals: Ints) -> "Coded":
        """Dates; 0 is none."""
        days, of = np.unique(ordinals, return_inverse=True)
        return cls([date.fromordinal(n) if n else None for n in days.tolist()], of)

    @classmethod
    def shares(cls, values: Floats) -> "Coded":
        """Probabilities to the tenth of a percent; NaN is none."""
        thousandths = np.where(np.isnan(values), -1.0, np.rint(values * 1000.0)).astype(np.int64)
        different, of = np.unique(thousandths, return_inverse=True)
        return cls([None if n < 0 else n / 1000.0 for n in different.tolist()], of)

    @classmethod
    def same(cls, value: Any, n: int) -> "Coded":
        """One value for everybody."""
        return cls([value], np.zeros(n, dtype=np.int64))


Column = Sequence[str] | npt.NDArray[Any] | Coded


def steady(before: Floats, risk: Floats, tier: Ints, tier_before: Ints) -> Floats:
    """The risk to write: the one that stands there, unless it has moved or the tier has changed."""
    same = (before >= 0.0) & (np.abs(risk - before) < STEADY) & (tier == tier_before)
    kept: Floats = np.where(same, before, risk)
    return kept


def numbers(
    region: str,
    day: date,
    members: Members,
    roll: Roll,
    states: States,
    provisional: Frozen,
    expected: Floats,
    rated: Rated,
    changed: Sequence[Change],
    cancels: Cancels | None = None,
) -> dict[str, Column]:
    """The columns of a slice of members.

    Args:
        states: after the day.
        expected: uses expected on it.
    """
    n, told, kinds = len(members.ids), members.told, members.kinds
    frame = with_own(states, spread(roll, provisional, day.weekday(), STANDARD))
    words = conditions(states, day.toordinal(), rated.prior)
    why, since = told.why.copy(), told.since.copy()
    for change in changed:
        why[change.index], since[change.index] = WHYS.index(change.why), day.toordinal()
    risk = steady(told.risk, rated.risk, rated.tier, told.tier)
    # who uses nothing for 90 days uses nothing for 30
    later = Coded.same(None, n) if rated.later is None else np.minimum(rated.later, risk)
    prices = [kind.price for kind in kinds]
    worth = np.array([price or 0.0 for price in prices], dtype=np.float64)[members.kind]
    models = [name.partition("/") for name in roll.names]
    return {
        "customer": members.ids,
        "region": Coded.same(region, n),
        "price_month": Coded(prices, members.kind),
        "at_stake": risk * worth,
        "model": Coded([model for model, _, _ in models], roll.of),
        "plan": Coded([plan for _, _, plan in models], roll.of),
        "cohort": Coded([cohort_name(c, region) for c in judged_by(roll, provisional)], roll.of),
        "day": Coded.same(day, n),
        "why": Coded(WHYS, why),
        "since": Coded.days(since),
        "tier": Coded(NAMES, rated.tier),
        "posterior": states.posterior,
        "drop_stop": states.drop_stop,
        "drop_most": states.drop_most,
        "drop_part": states.drop_part,
        "expected": expected,
        "recent": states.recent,
        "usual": states.usual,
        "baseline": level(states, frame),
        "severity": severity(states),
        "risk": risk,
        "risk_90": later,
        "head": Coded.same(_day(rated.head), n),
        "cancels_30": Coded.same(None, n) if cancels is None else Coded.shares(cancels.soon),
        "cancels_90": Coded.same(None, n) if cancels is None else Coded.shares(cancels.later),
        "cancels_by": Coded.same(_day(None if cancels is None else cancels.head), n),
        "away": states.away,
        "state": Coded(CONDITIONS, words),
        "onset": Coded.days(states.onset),
        "reporting_days": states.reporting_days,
        "silent_days": states.silent_days,
        "days_above": states.days_above,
        "factor": frame.factor,
        "weight": frame.usual,
        "dispersion": frame.dispersion,
        "outage": frame.outage,
    }


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def row(columns: Mapping[str, Column], place: int) -> dict[str, Any]:
    """One member's numbers."""
    return {name: _value(column, place) for name, column in columns.items()}


def _value(column: Column, place: int) -> Any:
    if isinstance(column, Coded):
        return column.values[column.of[place]]
    return column[place].item() if isinstance(column, np.ndarray) else column[place]
