"""How many meaningful uses there were."""

from bisect import bisect_right

from services.journey.domain.customers.state import EARLY_USES, Mark, State
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int:
    """How many meaningful uses up to t.

    Exact up to EARLY_USES at every moment, and from the last use on; between them the first uses
    alone are counted, which no rule can tell (a rule compares with EARLY_USES at most).
    """
    if t >= state.last_use:
        return state.uses
    return bisect_right(state.early, t)


def events(state: State, after: int, until: int) -> list[Mark]:
    """The first uses in (after, until]."""
    low, high = bisect_right(state.early, after), bisect_right(state.early, until)
    return [
        Mark(at, cause)
        for at, cause in zip(state.early[low:high], state.early_causes[low:high], strict=True)
    ]


FACT = Fact(
    name="uses_total",
    says="How many times a person used a device or a feature.",
    type=int,
    value=value,
    events=events,
    most=EARLY_USES - 1,
)
