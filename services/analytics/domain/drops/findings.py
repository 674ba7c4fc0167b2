"""When a customer's tier has changed: what is told, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.analytics.domain.days.close import OPEN_DAYS
from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.state import Ints, States
from services.analytics.domain.drops.tiers import AT_RISK, LEARNING, NONE, WATCH
from shared.events.risk_changed import Tier

Why = Literal["usage_drop", "device_unreachable", "recovered", "level_changed"]

TOLD: Final[dict[int, Tier]] = {
    LEARNING: "none",
    NONE: "none",
    WATCH: "watch",
    AT_RISK: "at_risk",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One customer's change of tier; `place` is the index into the arrays."""

    place: int
    tier: Tier
    previous: Tier
    why: Why


def changes(
    previous: Sequence[Tier], tier: Ints, present: States, day: int, p: Parameters = STANDARD
) -> list[Change]:
    """Who is in another tier after the day with this ordinal than they were told to be in."""
    found = []
    for place, (old, number) in enumerate(zip(previous, tier.tolist(), strict=True)):
        new = TOLD[number]
        if new != old:
            found.append(Change(place, new, old, _why(new, present, place, day, p)))
    return found


def _why(new: Tier, present: States, place: int, day: int, p: Parameters) -> Why:
    if new == "none":
        accepted = int(present.accepted[place])
        return "level_changed" if accepted > day - OPEN_DAYS else "recovered"
    if (
        new == "at_risk"
        and present.silent_days[place] >= p.silent
        and present.alarm[place] < AT_RISK - 1
    ):
        return "device_unreachable"
    return "usage_drop"
