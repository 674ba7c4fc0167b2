"""How often money was paid back."""

from bisect import bisect_right

from services.journey.domain.customers.state import State, moment
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact

NAME = "refunded"


def value(state: State, t: int) -> int:
    """How often up to `t`; the newest hundred are counted."""
    return bisect_right(state.said.get(NAME, []), t, key=moment)


FACT = Fact(
    name=NAME,
    says="How many times something was paid back to them.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.said.get(NAME, []), after, until),
    most=100,
)
