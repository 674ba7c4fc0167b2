"""Whether a mail of the customer waits for an answer."""

from services.journey.domain.customers.state import State, is_on
from services.journey.domain.facts.events import switched
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> bool:
    """Whether a mail of the customer waits for an answer."""
    return any(is_on(changes, t) for changes in state.replies.values())


FACT = Fact(
    name="reply_waits",
    says="The customer has replied to a mail, and nobody has seen to it yet.",
    type=bool,
    value=value,
    events=lambda state, after, until: switched(state.replies, after, until),
)
