"""Facts that a playbook declares: what customers answered, and what its steps noted."""

from functools import lru_cache

from services.journey.domain.customers.state import State, last
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact, Value


@lru_cache(maxsize=1_000)
def said(name: str, says: str = "", words: tuple[str, ...] = (), most: int | None = None) -> Fact:
    """Such a fact: the newest of what was said; unknown before the first.

    Args:
        words: it may have; none: it is a whole number, `most` at the most.
    """

    def value(state: State, t: int) -> Value | None:
        newest = last(state.said.get(name, []), t)
        return None if newest is None else newest.value

    return Fact(
        name=name,
        says=says,
        type=str if words else int,
        value=value,
        events=lambda state, after, until: within(state.said.get(name, []), after, until),
        words=words,
        most=most,
    )
