"""Which risks a list is about, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Sort = Literal["risk", "value"]
Place = tuple[float, float, str]  # what the order is by, the risk, the customer


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters.

    Attributes:
        only: values that columns must have; None: any.
        customers: only these; None: any.
        snoozed: whether a snooze keeps them out of the list; None: either.
    """

    only: Mapping[str, str | bool | None] = field(default_factory=dict)
    customers: Sequence[str] | None = None
    snoozed: bool | None = None
