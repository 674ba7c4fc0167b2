"""What a cohort's customers use lately, against what the same customers used over a year.

A decline that all share is in nobody's drop: the day factor follows it, and so do their baselines.
Each is compared with themselves, so that who comes and goes changes nothing.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from services.analytics.domain.drops.state import Floats, Ints, States
from services.analytics.domain.risks.habits import PACES, pace

FALLING: Final = 0.85  # of the year's pace: below, the cohort declines
OVER: Final = 0.93  # above, it no longer does
KNOWN: Final = 84  # days since the first use before somebody says what is usual
FEWEST: Final = 30  # customers, whose chance alone moves the share by about 3 %


def lately(states: States, day: int) -> Floats:
    """Uses a day of the last month, each a memory of half a month and more."""
    return _since_first(states, "pace_month", day)


def for_long(states: States, day: int) -> Floats:
    """Uses a day of the last year, or since the first; 0 of who is not known for long."""
    known = (states.used_days > 0) & (day - states.used_first >= KNOWN)
    rate: Floats = np.where(known, _since_first(states, "pace_year", day), 0.0)
    return rate


def share(near: Floats, far: Floats) -> float | None:
    """Of the year's pace of those who are known for long; None: too few are."""
    known = far > 0.0
    if int(np.count_nonzero(known)) < FEWEST:
        return None
    return float(near[known].sum() / far[known].sum())


def falling_since(before: int, trend: float | None, shares: Sequence[float], day: int) -> int:
    """Ordinal of the day a decline was seen first; 0: there is none.

    Args:
        before: the same of the day before.
        shares: of the members that reported on the last 28 days: after an outage the month is thin.
    """
    if trend is None or trend > OVER:
        return 0
    if before:
        return before
    heard = not shares or min(shares) >= FALLING * float(np.median(shares))
    return day if trend < FALLING and heard else 0


def _since_first(states: States, name: str, day: int) -> Floats:
    """A pace as of a day, by the days there were: one who began lately has no year behind them."""
    known: Ints = np.maximum(day - states.used_first + 1, 1)
    there = 1.0 - 0.5 ** (known / PACES[name])
    rate: Floats = pace(states, name, day) / there
    return rate
