"""What a message may say of a customer."""

from collections.abc import Mapping
from typing import Protocol

from services.journey.domain.customers.state import State
from services.journey.domain.facts import FACTS


class Named(Protocol):
    """Whoever has a name."""

    @property
    def name(self) -> str:
        """As they are called."""
        ...


class Unnamed:
    """Whoever has not told it."""

    name = ""


def words(state: State, person: Named, now: int) -> Mapping[str, object]:
    """Facts by their names, and `name`; what is not known is an empty text.

    Args:
        now: epoch seconds.
    """
    facts = {fact.name: fact.value(state, now) for fact in FACTS}
    known = {name: "" if value is None else value for name, value in facts.items()}
    return {**known, "name": person.name}
