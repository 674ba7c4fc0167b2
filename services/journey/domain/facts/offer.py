"""How what was offered to them stands."""

from services.journey.domain.customers.state import Dated, State, last
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact

NAME = "offer"


def value(state: State, t: int) -> str | None:
    """Of the newest offer."""
    newest: Dated | None = last(state.said.get(NAME, []), t)
    return None if newest is None else str(newest.value)


FACT = Fact(
    name=NAME,
    says="How the newest offer stands: open, accepted, declined, expired; unknown: none was made.",
    type=str,
    value=value,
    events=lambda state, after, until: within(state.said.get(NAME, []), after, until),
    words=("open", "accepted", "declined", "expired"),
)
