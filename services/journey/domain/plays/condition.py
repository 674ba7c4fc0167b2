"""Conditions over facts: whether they hold of a customer, and when time alone may change that."""

from dataclasses import dataclass

from services.journey.domain.customers.state import State
from services.journey.domain.facts import fact_of
from services.journey.domain.facts.fact import Comparison


@dataclass(frozen=True, slots=True)
class Condition:
    """Every one of `all`, and one of `any` if there are any; an empty one always holds."""

    all: tuple[Comparison, ...] = ()
    any: tuple[Comparison, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return not self.all and not self.any

    def holds(self, state: State, t: int) -> bool:
        """Whether it holds at t, as far as is known."""

        def true(asked: Comparison) -> bool:
            return asked.holds(fact_of(asked.fact).value(state, t))

        return all(map(true, self.all)) and (not self.any or any(map(true, self.any)))

    def changes_after(self, state: State, t: int) -> int | None:
        """The first moment after t at which time alone may make it hold or not; None: never."""
        asked = (*self.all, *self.any)
        moments = (
            fact_of(comparison.fact).changes_after(state, t, comparison) for comparison in asked
        )
        return min((at for at in moments if at is not None), default=None)
