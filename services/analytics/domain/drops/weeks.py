"""A customer's own week: by how much each weekday differs from the cohort's, drawn to it.

Seven ratios of nine bits each stand in one number, so that a million customers stay cheap. How far
they are believed is Stein's estimate: the cohort knows how much its customers differ, and what of
that is chance.
"""

from typing import Final

import numpy as np

from services.analytics.domain.drops.state import Floats, Ints

BITS: Final = 9
MASK: Final = (1 << BITS) - 1
SCALE: Final = 100.0
ONE: Final = 100  # a ratio of 1, which nobody has told anything of: kept as 0
SLOW: Final = 1.0 / 12.0  # what a week is worth once there are a dozen
PLAIN: Final = 2.0  # times what chance makes: who differs by more is believed whatever others do
TINY: Final = 1e-9
LEAST, MOST = 0.1, 5.0  # of the cohort's weekday
WEEKS: Final = 8.0  # of a customer before theirs say how much the cohort's customers differ


def ratios(week: Ints) -> Floats:
    """Of each weekday, Monday first: seen against expected; shape (7, n), of mean 1 a customer."""
    kept = np.stack([_ratio(week, weekday) for weekday in range(7)])
    mean: Floats = kept / np.maximum(kept.mean(axis=0), 1.0 / SCALE)
    return mean


def own(week: Ints, weekday: int, differ: Floats, chance: Floats, reporting_days: Ints) -> Floats:
    """What a customer's weekday is of the cohort's, as far as it is believed.

    Args:
        differ: variance of the ratios among the cohort's customers.
        chance: that of a ratio of somebody who is like the cohort.
    """
    apart = ratios(week) - 1.0
    plainly = (apart**2).mean(axis=0) - PLAIN * chance
    differs = np.maximum(differ, np.where(reporting_days >= 7.0 * WEEKS, plainly, 0.0))
    believed = differs / np.maximum(differs + chance, TINY)
    clipped: Floats = np.clip(1.0 + believed * apart[weekday], LEAST, MOST)
    return clipped


def chance(expected: Floats, dispersion: Floats, reporting_days: Ints) -> Floats:
    """Variance of a ratio that is nothing but chance."""
    seen = reporting_days / 7.0
    memory = np.maximum(SLOW / (2.0 - SLOW), seen / (seen + 1.0) ** 2)
    variance: Floats = memory * (1.0 / np.maximum(expected, 0.01) + 1.0 / dispersion)
    return variance


def learned(week: Ints, weekday: int, seen: Floats, reporting_days: Ints) -> Ints:
    """The week after a day.

    Args:
        seen: uses of the day, against those expected by the cohort's weekday.
    """
    share = np.maximum(SLOW, 1.0 / (2.0 + reporting_days / 7.0))
    ratio = _ratio(week, weekday)
    moved = np.rint((ratio + share * (np.minimum(seen, MOST) - ratio)) * SCALE).astype(np.int64)
    shift = BITS * weekday
    without = week & ~np.int64(MASK << shift)
    packed: Ints = without | (((moved - ONE) & MASK) << shift)
    return packed


def _ratio(week: Ints, weekday: int) -> Floats:
    kept: Floats = (((week >> (BITS * weekday)) + ONE) & MASK) / SCALE
    return kept
