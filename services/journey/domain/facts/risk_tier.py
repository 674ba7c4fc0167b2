"""The risk tier analytics found."""

from services.journey.domain.customers.state import Dated, State, last
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> str | None:
    """The risk tier analytics found."""
    newest: Dated | None = last(state.risks, t)
    return "none" if newest is None else str(newest.value)


FACT = Fact(
    name="risk_tier",
    says="How likely the customer is to leave: none, watch or at_risk.",
    type=str,
    value=value,
    events=lambda state, after, until: within(state.risks, after, until),
    words=("none", "watch", "at_risk"),
)
