"""How many help articles were read in the app."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int:
    """How many help articles were read in the app."""
    return state.help_views.count(t)


FACT = Fact(
    name="help_views",
    says="How many help articles the customer has read in the app.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.help_views.newest, after, until),
)
