"""What a customer's numbers come to, in one word."""

from typing import Final

import numpy as np

from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.state import Flags, Ints, States
from services.analytics.domain.risks.prior import Prior, Seen

CONDITIONS: Final = ("learning", "steady", "dropped", "lapsed", "unreachable", "away")
LEARNING, STEADY, DROPPED, LAPSED, UNREACHABLE, AWAY = range(len(CONDITIONS))
LAPSED_DAYS = 60  # churn by science.md 2.2: no meaningful use for so long


def conditions(states: States, day: int, prior: Prior, p: Parameters = STANDARD) -> Ints:
    """An index into CONDITIONS for each customer, as of the end of a day."""
    condition = np.where(states.reporting_days < p.learning, LEARNING, STEADY)
    condition = np.where(states.away > 0.5, AWAY, condition)
    condition = np.where(states.alarm > 0, DROPPED, condition)
    condition = np.where(
        (states.silent_days >= p.silent) & (states.reporting_days > 0), UNREACHABLE, condition
    )
    word: Ints = np.where(lapsed(states, day, prior), LAPSED, condition)
    return word


def lapsed(states: States, day: int, prior: Prior) -> Flags:
    """Who used something once, not for two months, and more likely never comes back than does."""
    long = (states.used_days > 0) & (day - states.used_last >= LAPSED_DAYS)
    silent: Flags = long & (prior.gone(Seen.of(states, day)) > 0.0)
    return silent
