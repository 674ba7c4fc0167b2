"""Facts that are the newest word of an event: a code, a step, a reason."""

from services.journey.domain.customers.state import State, last
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact


def told(name: str, says: str) -> Fact:
    """Such a fact; unknown before the first event that tells one."""

    def value(state: State, t: int) -> str | None:
        newest = last(state.said.get(name, []), t)
        return None if newest is None else str(newest.value)

    return Fact(
        name=name,
        says=says,
        type=str,
        value=value,
        events=lambda state, after, until: within(state.said.get(name, []), after, until),
    )
