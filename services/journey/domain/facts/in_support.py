"""Whether the customer has an open ticket."""

from services.journey.domain.customers.state import State, is_on
from services.journey.domain.facts.events import switched
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> bool:
    """Whether the customer has an open ticket."""
    return any(is_on(changes, t) for changes in state.tickets.values())


FACT = Fact(
    name="in_support",
    says="The customer has an open ticket.",
    type=bool,
    value=value,
    events=lambda state, after, until: switched(state.tickets, after, until),
)
