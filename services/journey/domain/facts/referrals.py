"""How many referrals were shared."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int:
    """How many referrals were shared."""
    return state.referrals.count(t)


FACT = Fact(
    name="referrals",
    says="How many times the customer has recommended the product.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.referrals.newest, after, until),
)
