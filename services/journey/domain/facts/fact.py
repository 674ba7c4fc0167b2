"""What a fact is: a value at every moment, and when a comparison with it can change by itself."""

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from typing_extensions import override

from services.journey.domain.customers.state import Mark, State

Value = bool | int | str
OPS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fact compared with a value, e.g. `active_days_30d >= 8`."""

    fact: str
    op: str
    value: Value
    _compare: Callable[[Any, Any], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compare", OPS[self.op])

    def holds(self, actual: Value | None) -> bool:
        """Whether it is true of `actual`; an unknown value makes every comparison false."""
        return actual is not None and self._compare(actual, self.value)

    @override
    def __str__(self) -> str:
        return f"{self.fact} {self.op} {str(self.value).lower()}"


def never(state: State, t: int, comparison: Comparison) -> int | None:
    """Of facts that only events change."""
    return None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of a customer.

    Attributes:
        says: one sentence for people.
        type: of its values: bool, int or str.
        value: as of a moment t, from the events up to t; None when unknown.
        events: those in (after, until] that may change it, any order.
        changes_after: the earliest moment > t at which a comparison may change by time alone,
            were no event to come; None if it never does.
        words: the values a text may have.
        most: the largest number a rule may compare with.
    """

    name: str
    says: str
    type: type[bool] | type[int] | type[str]
    value: Callable[[State, int], Value | None]
    events: Callable[[State, int, int], list[Mark]]
    changes_after: Callable[[State, int, Comparison], int | None] = never
    words: tuple[str, ...] = ()
    most: int | None = None
