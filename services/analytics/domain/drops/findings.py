"""When a customer's tier has changed: what is told, and why."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from services.analytics.domain.days.close import OPEN_DAYS
from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.state import Ints, States
from services.analytics.domain.drops.tiers import AT_RISK, LEARNING, NONE, WATCH
from shared.events.risk_changed import Tier

Why = Literal["usage_drop", "device_unreachable", "recovered", "level_changed"]
WHYS: Final[tuple[Why | None, ...]] = (None, *get_args(Why))

TOLD: Final[dict[int, Tier]] = {
    LEARNING: "none",
    NONE: "none",
    WATCH: "watch",
    AT_RISK: "at_risk",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One customer's change of tier; `index` is its place in the arrays."""

    index: int
    tier: Tier
    previous: Tier
    why: Why


def changes(
    previous: Ints, tier: Ints, present: States, day: int, p: Parameters = STANDARD
) -> list[Change]:
    """Who is in another tier after the day with this ordinal than they were told to be in.

    Args:
        previous: the tier at the last closing, an index into NAMES like `tier`.
    """
    moved = np.flatnonzero(np.maximum(previous, NONE) != np.maximum(tier, NONE))
    return [
        Change(index, new, TOLD[old], _why(new, present, index, day, p))
        for index, old, new in zip(
            moved.tolist(),
            previous[moved].tolist(),
            (TOLD[number] for number in tier[moved].tolist()),
            strict=True,
        )
    ]


def _why(new: Tier, present: States, index: int, day: int, p: Parameters) -> Why:
    if new == "none":
        accepted = int(present.accepted[index])
        return "level_changed" if accepted > day - OPEN_DAYS else "recovered"
    if (
        new == "at_risk"
        and present.silent_days[index] >= p.silent
        and present.alarm[index] < AT_RISK - 1
    ):
        return "device_unreachable"
    return "usage_drop"
