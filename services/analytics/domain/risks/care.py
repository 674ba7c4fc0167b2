"""What people do about a risk: they contact the customer, or leave them alone for a while."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from services.analytics.domain.drops.tiers import NAMES

Outcome = Literal["reached", "not_reached", "written", "will_stay", "will_leave"]
LONGEST = timedelta(days=180)  # of a snooze: who is away longer is looked at once in between


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody has contacted a customer.

    Attributes:
        who: `account:<id>`.
        note: what they wrote about it; may be empty.
    """

    id: str
    customer: str
    at: datetime
    who: str
    outcome: Outcome
    note: str


@dataclass(frozen=True, slots=True)
class Snooze:
    """A customer is not to be in the list for a while.

    Attributes:
        until: the day they are in it again.
        gravity: of their tier when somebody said so: a graver one ends it.
        who: `account:<id>`.
        reason: why, in words.
    """

    customer: str
    until: date
    gravity: int
    at: datetime
    who: str
    reason: str


def gravity(tier: str) -> int:
    """How grave a tier is: the higher the worse.

    >>> gravity("none") < gravity("watch") < gravity("at_risk")
    True
    """
    return NAMES.index(tier)


def holds(snooze: Snooze, tier: str, today: date) -> bool:
    """Whether it still keeps the customer out of the list."""
    return today < snooze.until and gravity(tier) <= snooze.gravity


def may_last(until: date, today: date) -> bool:
    """Whether somebody may be left alone until that day."""
    return today < until <= today + LONGEST
