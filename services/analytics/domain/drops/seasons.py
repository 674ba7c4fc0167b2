"""The same weeks of last year: who uses less in a season every year has not dropped.

A year has 21 spans of seventeen days; of each the share of the year's pace that was seen at its end
stands in three bits, all of them in one number. A season is two low spans in a row, so that chance
in one is not taken for it; what it leaves is the mean of all low spans.
"""

from typing import Final

import numpy as np

from services.analytics.domain.drops.state import Flags, Floats, Ints

SPANS: Final = 21
BITS: Final = 3
MASK: Final = (1 << BITS) - 1
YEAR: Final = 36_525  # hundredths of a day
BOUNDS: Final = np.array([0.1, 0.3, 0.5, 0.7, 1.0, 1.4])  # of the year's pace, between the codes
SHARES: Final = np.array([0.0, 0.02, 0.2, 0.4, 0.6, 0.85, 1.2, 1.7])  # a code means; 0: not known
LOW: Final = 3  # codes up to this one are a season's
USUAL: Final = 6  # codes from this one on are of ordinary use
STAY: Final = 365.0  # days a season lasts at most; it ends when last year's did


def span(day: int) -> int:
    """Which of the spans of a year a day is in."""
    return day * 100 % YEAR * SPANS // YEAR


def ends(day: int) -> bool:
    """Whether it is the last day of its span."""
    return span(day) != span(day + 1)


def learned(season: Ints, day: int, seen: Floats) -> Ints:
    """What is known after the last day of a span.

    Args:
        seen: share of the year's pace that is seen lately; NaN: not known.
    """
    shift = BITS * span(day)
    code = np.where(np.isnan(seen), 0, 1 + np.searchsorted(BOUNDS, seen, side="right"))
    packed: Ints = (season & ~np.int64(MASK << shift)) | (code.astype(np.int64) << shift)
    return packed


def shares(season: Ints, day: int) -> tuple[Floats, Flags]:
    """What a season leaves of each customer's ordinary use, 1: there is none, and who is in one.

    The span before is this year's already: a season needs that of the day, or the next two, of last
    year, so that a drop never becomes its own reason. It may begin a span early; who comes back later
    than last year is out of it and still uses as little.
    """
    share = np.ones(len(season))
    before, last, now, soon, then = (_low(season, span(day) + n) for n in range(-2, 3))
    expected = (last & now) | (now & soon) | (soon & then)
    late = before & last & (_code(season, span(day)) > 0)
    some = np.flatnonzero(expected | late)
    if len(some) > 0:
        codes = np.stack([_code(season[some], n) for n in range(SPANS)])
        low, usual = (codes > 0) & (codes <= LOW), codes >= USUAL
        left = _mean(codes, low) / np.where(usual.any(axis=0), _mean(codes, usual), np.inf)
        share[some] = np.where(usual.any(axis=0), left, 1.0)
    return share, expected & (share < 1.0)


def _mean(codes: Ints, of: Flags) -> Floats:
    mean: Floats = (SHARES[codes] * of).sum(axis=0) / np.maximum(of.sum(axis=0), 1)
    return mean


def _low(season: Ints, number: int) -> Flags:
    code = _code(season, number)
    low: Flags = (code > 0) & (code <= LOW)
    return low


def _code(season: Ints, number: int) -> Ints:
    code: Ints = (season >> (BITS * (number % SPANS))) & MASK
    return code
