"""How often the subscription was renewed."""

from services.journey.domain.customers import subscription
from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int:
    """How often the subscription was renewed."""
    return len(subscription.renewals(state.terms, t))


FACT = Fact(
    name="renewals",
    says="How many times the subscription was renewed.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.terms, after, until),
)
