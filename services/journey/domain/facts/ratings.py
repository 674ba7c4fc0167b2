"""Stars of the newest rating."""

from services.journey.domain.customers.state import Dated, State, last
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int | None:
    """Stars of the newest rating."""
    newest: Dated | None = last(state.ratings, t)
    return None if newest is None else int(newest.value)


FACT = Fact(
    name="ratings",
    says="Stars of the newest rating, 1 to 5; unknown before the first.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.ratings, after, until),
)
