"""Cancellation: the probability that billing tells of one within a horizon.

A head of its own: where people can cancel, those who do often use *more* before it (Ascarza, Netzer
and Hardie 2018), so silence cannot stand for it. It learns as the first head does, from customers
whose subscription ran on earlier days; until enough have cancelled, one stated number is everybody's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from services.analytics.domain.customers.at_closing import subscribed
from services.analytics.domain.customers.customer import Description
from services.analytics.domain.drops.state import Flags, Floats, Ints, States
from services.analytics.domain.drops.tiers import HORIZON, MONTHLY_CHURN
from services.analytics.domain.risks.rating import HORIZONS, Fitted

SUBSCRIBED: Final = "subscribed"
LONGEST: Final = 3_650.0  # days of a subscription, beyond which more says nothing


@dataclass(frozen=True, slots=True)
class Cancels:
    """What a closing says of its members' subscriptions; shape (n,), NaN: none is known to run.

    Attributes:
        soon: probability of a cancellation within 30 days.
        later: within 90.
        head: ordinal of the head's day; None: a stated prior.
    """

    soon: Floats
    later: Floats
    head: int | None


@dataclass(frozen=True, slots=True)
class Paid:
    """A customer's subscription on an earlier day.

    Attributes:
        days: since it began.
        cancelled: ordinal of the day that counts as its end; 0: none is known.
    """

    days: int
    cancelled: int


def paid(history: Sequence[Description], day: date, known: date) -> Paid | None:
    """The subscription that ran on a day, and its end as known later; None: none ran."""
    since = subscribed([told for told in history if told.since <= day])
    if since is None:
        return None
    ends = (told.since for told in history if day < told.since <= known and told.pays is False)
    end = min(ends, default=None)
    return Paid((day - since).days, 0 if end is None else end.toordinal())


def cancelled(end: Ints, day: int, horizon: int) -> Flags:
    """Whose subscription ended in so many days after a day."""
    came: Flags = (end > day) & (end <= day + horizon)
    return came


def extra(days: Floats) -> dict[str, Floats]:
    """What the head knows beside the states."""
    return {SUBSCRIBED: np.log1p(np.clip(days, 0.0, LONGEST))}


def prior(horizon: float) -> float:
    """What is said of everybody while there is nothing to learn from: 3 % a month."""
    return float(1.0 - (1.0 - MONTHLY_CHURN) ** (horizon / HORIZON))


def cancels(
    fitted: Fitted | None, states: States, day: int, days: Floats, usual: float
) -> Cancels | None:
    """Rate members as of the end of a day; None: billing has told of nobody's subscription.

    Args:
        days: since each subscription began; NaN: none is known to run.
        usual: days between uses of the middle customer of the region.
    """
    pays = np.flatnonzero(~np.isnan(days))
    if len(pays) == 0:
        return None
    said = []
    for horizon in HORIZONS:
        chance = np.full(len(days), np.nan)
        chance[pays] = prior(horizon)
        if fitted is not None:
            these, more = states.take(pays), extra(days[pays])
            chance[pays] = fitted.head.risk(these, day, float(horizon), more, usual)
        said.append(chance)
    soon, later = said
    return Cancels(soon, np.maximum(soon, later), None if fitted is None else fitted.day)
