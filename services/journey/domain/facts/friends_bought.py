"""How many friends bought with the customer's code."""

from services.journey.domain.customers.state import Dated, State, last
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact

NAME = "friends_bought"


def value(state: State, t: int) -> int:
    """Those who sent it back later are counted, too."""
    newest: Dated | None = last(state.said.get(NAME, []), t)
    return 0 if newest is None else int(newest.value)


FACT = Fact(
    name=NAME,
    says="How many friends have bought with the customer's referral code.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.said.get(NAME, []), after, until),
)
