"""The rule anybody would write first: flag who has used nothing for so many days. Pure."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from itertools import pairwise

from tools.demo.scoring import Flag, Life, Score, score

LONGEST_DAYS = 60


def naive(
    used: Mapping[str, Collection[date]],
    lives: Mapping[str, Life],
    end: date,
    false_alarms: float | None,
) -> tuple[int, Score]:
    """The shortest such rule with no more false alarms, and how it does.

    Args:
        used: days with a use, by customer.
        end: the last day that was looked at.
        false_alarms: per 1,000 customer-months, of what it is compared with.
    Returns: days without use, and the score; of the longest rule when even that has more.
    """
    matched = (LONGEST_DAYS, Score(0, 0, {}, 0, ()))
    for days in range(2, LONGEST_DAYS + 1):
        matched = (days, score(_flags(used, days, end), lives, end))
        if (matched[1].false_alarms or 0.0) <= (false_alarms or 0.0):
            break
    return matched


def _flags(used: Mapping[str, Collection[date]], days: int, end: date) -> list[Flag]:
    return [
        Flag(customer, last + timedelta(days=days))
        for customer, dates in used.items()
        for last, following in pairwise([*sorted(dates), end + timedelta(days=1)])
        if (following - last).days > days
    ]
