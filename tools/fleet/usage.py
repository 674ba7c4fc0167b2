"""How often and when a household uses its devices: near negative binomial, in its own time zone.

Day counts are negative binomial with dispersion 3 (research/science.md 2.1), with a profile over
the weekdays and a morning and an evening peak.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.random import Generator

from tools.fleet.household import Household

DISPERSION = 3.0
DAY_S = 86_400
_HOURS = np.arange(24)
_MORNING = np.exp(-0.5 * ((_HOURS - 7.5) / 1.5) ** 2) + 0.04
_EVENING = np.exp(-0.5 * ((_HOURS - 19.0) / 2.5) ** 2) + 0.04
_MORNING[:5] *= 0.2
_EVENING[:5] *= 0.2


@lru_cache(maxsize=4096)
def midnight(zone: str, day: date) -> int:
    """UTC seconds of the start of a local day."""
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return int(local.timestamp())


@lru_cache(maxsize=64)
def first_date(zone: str, start: int) -> date:
    """The local date when history starts."""
    return datetime.fromtimestamp(start, UTC).astimezone(ZoneInfo(zone)).date()


def week_of(home: Household, start: int, week: int) -> tuple[np.ndarray, int, list[date]]:
    """The local midnights of a household's n-th week, the end of it, and its dates.

    >>> from tools.fleet.story import Setting
    >>> from tools.fleet.household import household
    >>> starts, end, dates = week_of(household(1, 0, Setting(90)), 1_790_000_000, 0)
    >>> len(starts), len(dates), bool(end > starts[-1])
    (7, 7, True)
    """
    first = first_date(home.zone, start) + timedelta(days=7 * week)
    dates = [first + timedelta(days=n) for n in range(8)]
    edges = [midnight(home.zone, day) for day in dates]
    return np.array(edges[:7], dtype=np.int64), edges[7], dates[:7]


def hours(home: Household) -> np.ndarray:
    """Cumulated chances of the 24 hours of the day."""
    weights = (1 - home.evening) * _MORNING + home.evening * _EVENING
    return np.cumsum(weights / weights.sum())


def expected(home: Household, start: int, starts: np.ndarray, dates: list[date]) -> np.ndarray:
    """Mean uses on each of these days."""
    noons = (starts + DAY_S // 2 - start) / DAY_S
    factors = np.array([home.story.factor(float(day)) for day in noons])
    weekdays = np.array([home.weekday[day.weekday()] for day in dates])
    mean: np.ndarray = home.uses * factors * weekdays
    return mean


def counts(rng: Generator, mean: np.ndarray) -> np.ndarray:
    """Uses per day: negative binomial with that mean."""
    return rng.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + mean))


def times(
    rng: Generator, per_day: np.ndarray, starts: np.ndarray, day_cdf: np.ndarray
) -> np.ndarray:
    """UTC seconds of so many uses on each day, in order."""
    total = int(per_day.sum())
    hour = np.searchsorted(day_cdf, rng.random(total), side="right").clip(0, 23)
    second = hour * 3600 + rng.integers(0, 3600, total)
    return np.sort(np.repeat(starts, per_day) + second)
