"""How often the customer opened what a message leads to."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int:
    """How often the customer opened what a message leads to."""
    return state.clicks.count(t)


FACT = Fact(
    name="messages_clicked",
    says="How many times the customer has opened what a message leads to.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.clicks.newest, after, until),
)
