"""What came of a term that was about to end, as whoever looks after the customer says it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

OVERDUE = timedelta(days=30)  # a term that billing has not renewed stays in the list for so long


class Outcome(StrEnum):
    """What came of it."""

    #: they go on as before
    RENEWED = "renewed"
    #: they go on with more: a larger plan, more devices
    EXPANDED = "expanded"
    #: they go on with less
    REDUCED = "reduced"
    #: they do not go on
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why somebody goes on with less, or not at all."""

    #: it costs more than it is worth to them
    PRICE = "price"
    #: they have no use for it any more
    NOT_NEEDED = "not_needed"
    #: it did not work as it should
    FAULTS = "faults"
    #: somebody else's suits them better
    OTHER_PRODUCT = "other_product"
    #: they have moved, or closed the place it was for
    MOVED = "moved"
    #: something else, or they did not say
    OTHER = "other"


WITH_REASON = frozenset({Outcome.REDUCED, Outcome.CANCELLED})


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of one term.

    Attributes:
        term_ends: which term.
        who: `account:<id>`.
    """

    customer: str
    term_ends: datetime
    outcome: Outcome
    reason: Reason | None
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Whose:
    """Which terms of a list; None: any.

    Attributes:
        decided: whether somebody has said what came of it.
        csm: whoever looks after the customer; `none`: those whom nobody does.
    """

    decided: bool | None = None
    customer: str | None = None
    csm: str | None = None


def needs_reason(outcome: Outcome, reason: Reason | None) -> str | None:
    """What is wrong with a reason, in words; None: nothing.

    >>> needs_reason(Outcome.CANCELLED, None)
    'expected one of price, not_needed, faults, other_product, moved, other: it says why they leave'
    >>> needs_reason(Outcome.RENEWED, Reason.PRICE)
    'expected none: they go on'
    """
    if outcome in WITH_REASON and reason is None:
        return f"expected one of {', '.join(Reason)}: it says why they leave"
    if outcome not in WITH_REASON and reason is not None:
        return "expected none: they go on"
    return None
