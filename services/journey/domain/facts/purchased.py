"""Whether the customer has bought anything."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> bool:
    """Whether the customer has bought anything."""
    return state.purchases.count(t) > 0


FACT = Fact(
    name="purchased",
    says="The customer has bought something.",
    type=bool,
    value=value,
    events=lambda state, after, until: within(state.purchases.newest, after, until),
)
