"""How many purchases there were."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int:
    """How many purchases there were."""
    return state.purchases.count(t)


FACT = Fact(
    name="purchases",
    says="How many times the customer has bought something.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.purchases.newest, after, until),
)
