"""A number of the last week, how it compares with the week before, and its days as a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.console.domain.pages.plot import line

WEEK = 7


@dataclass(frozen=True, slots=True)
class Trend:
    """What a tile shows.

    Attributes:
        week: of the last seven days.
        change: against the seven days before.
        points: of the sparkline.
    """

    week: int
    change: int
    points: str


def trend(days: Sequence[int]) -> Trend:
    """The trend of numbers of days, the oldest first.

    >>> trend([1] * 7 + [2] * 7).week, trend([1] * 7 + [2] * 7).change
    (14, 7)
    """
    week, before = sum(days[-WEEK:]), sum(days[-2 * WEEK : -WEEK])
    return Trend(week, week - before, line(days))


def together(rows: Sequence[Sequence[int]]) -> Sequence[int]:
    """The sums of several numbers, day by day.

    >>> together([[1, 2], [3, 4]])
    [4, 6]
    """
    return [sum(column) for column in zip(*rows, strict=True)]
