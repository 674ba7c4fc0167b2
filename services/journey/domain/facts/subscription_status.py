"""Status of the subscription."""

from services.journey.domain.customers.state import State
from services.journey.domain.customers.subscription import state_at
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> str | None:
    """Status of the subscription."""
    subscription = state_at(state.terms, t)
    return "none" if subscription is None else subscription.status


FACT = Fact(
    name="subscription_status",
    says="Status of the subscription: none, trial, active, cancelled or ended.",
    type=str,
    value=value,
    events=lambda state, after, until: within(state.terms, after, until),
    words=("none", "trial", "active", "cancelled", "ended"),
)
