"""How many errors the app has shown."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int:
    """How many errors the app has shown."""
    return state.app_errors.count(t)


FACT = Fact(
    name="app_errors",
    says="How many errors the app has shown the customer.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.app_errors.newest, after, until),
)
