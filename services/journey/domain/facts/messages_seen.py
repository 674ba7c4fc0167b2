"""How many messages were seen in the app."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int:
    """How many messages were seen in the app."""
    return state.seen.count(t)


FACT = Fact(
    name="messages_seen",
    says="How many messages the customer has seen in the app.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.seen.newest, after, until),
)
