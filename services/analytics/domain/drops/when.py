"""From when a customer can be judged, and how long a stop takes to show."""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.posterior import Beliefs, Chances, after_day

LONGEST = 180  # days after which it is said to be never


def judged_from(day: date, reporting_days: int, p: Parameters = STANDARD) -> date | None:
    """The first day that can have a verdict; None when it can be judged already.

    Args:
        day: the last closed one, of which each to come counts.
    """
    missing = p.learning - reporting_days
    return day + timedelta(days=missing) if missing > 0 else None


def stop_shows_after(expected: float, dispersion: float) -> int | None:
    """Days without any use after which a stop is named; None: not within half a year.

    Args:
        expected: uses a day.
        dispersion: k of the negative binomial.
    """
    return _days(round(max(expected, 0.01), 2), round(dispersion, 1), STANDARD)


@lru_cache(maxsize=4_096)
def _days(expected: float, dispersion: float, p: Parameters) -> int | None:
    zero = np.zeros(1)
    beliefs = Beliefs((zero, zero, zero), (zero, zero, zero))
    chances = Chances(*(np.array([n]) for n in (p.hazard, p.leave, p.stay, p.away_share)))
    for day in range(1, LONGEST + 1):
        beliefs = after_day(beliefs, zero, np.array([expected]), np.array([dispersion]), chances, p)
        stop, most, part = beliefs.drops
        if float((stop + most + part)[0]) > p.watch:
            return day
    return None
