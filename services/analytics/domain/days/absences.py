"""Days on which somebody was away, as whoever looks at a plot of use would say."""

from collections.abc import Sequence
from itertools import pairwise

LEAST = 8  # days: more than a week, as what is counted as an absence of a cohort


def absent(days: Sequence[tuple[int, bool]], *, is_away: bool = False) -> list[bool]:
    """Which days belong to an absence: over a week without use though devices were heard.

    Args:
        days: uses, and whether anything was heard; the oldest first.
        is_away: the newest days are one that has not ended, as the detector holds likely.

    >>> absent([(2, True), *[(0, True)] * 8, (1, True)])
    [False, True, True, True, True, True, True, True, True, False]
    >>> absent([(2, True), *[(0, True)] * 7, (1, True)]).count(True)
    0
    >>> absent([(2, True), *[(0, True)] * 8]).count(True)
    0
    >>> absent([(2, True), (0, True)], is_away=True)
    [False, True]
    """
    said = [False] * len(days)
    used = [n for n, (uses, _) in enumerate(days) if uses > 0]
    for last, following in pairwise(used):
        between = range(last + 1, following)
        if len(between) >= LEAST and sum(days[n][1] for n in between) * 2 >= len(between):
            for n in between:
                said[n] = True
    if is_away and used:
        said[used[-1] + 1 :] = [True] * (len(days) - used[-1] - 1)
    return said
