"""How many meaningful uses there were."""

from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact
from services.journey.domain.state import EARLY_USES, State


def value(state: State, t: int) -> int:
    """How many meaningful uses up to t.

    Exact up to EARLY_USES at every moment, and from the last use on; between them the first uses
    alone are counted, which no rule can tell (a rule compares with EARLY_USES at most).
    """
    if t >= state.last_use:
        return state.uses
    return sum(use.count for use in state.early if use.at <= t)


FACT = Fact(
    name="uses_total",
    says="How many times a person used a device or a feature.",
    type=int,
    value=value,
    events=lambda state, after, until: list(within(state.early, after, until)),
    most=EARLY_USES - 1,
)
