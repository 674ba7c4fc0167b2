"""What a play brings about: who reached its goal by which day, with it and without it.

Runs are observed for different times, and some end before it is known whether their customer would have reached
the goal. So shares are cumulative incidences (Aalen and Johansen 1978): who left cannot reach it any more, who ended
otherwise or is under way is counted for as long as they were seen, with half of their last day (the life table's way,
Cutler and Ederer 1958). Intervals are of 95 %, by the delta method (Marubini and Valsecchi 1995, section 10.3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

Fate = Literal[
    "reached",  #: the goal holds
    "left",  #: it cannot be reached in this play any more
    "unseen",  #: the run ended, and nobody looked for the goal after it
    "waiting",  #: under way, or it stands still
]
FEWEST_RUNS = 20  # of each group: of fewer nothing is said
FEWEST_LEFT = 10  # observed to the end of a day: a curve of fewer jumps
LONGEST_DAYS = 180
SURE = 1.96  # standard errors to each side: 95 of 100 such intervals hold the truth


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs that came to the same on the same day.

    Attributes:
        version: of the play, when they last moved.
        days: whole days from their entry to their end, or to now.
    """

    control: bool
    version: int
    fate: Fate
    days: int
    runs: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares that had reached the goal by the end of each day, the first day first.

    Attributes:
        runs: that began.
        errors: standard errors of the shares.
    """

    runs: int
    shares: Sequence[float]
    errors: Sequence[float]


@dataclass(frozen=True, slots=True)
class Lift:
    """What the play adds to the share that reaches the goal within so many days.

    Attributes:
        treated, control: the shares.
        low, high: between these lies the difference, in 95 of 100 such cases.
    """

    days: int
    treated: float
    control: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Of the shares."""
        return self.treated - self.control


def curve(rows: Iterable[Runs]) -> Curve:
    """The curve of a group, for as long as enough of it are observed.

    >>> curve([Runs(False, 1, "reached", 0, 10), Runs(False, 1, "waiting", 1, 30)]).shares
    (0.25,)
    """
    ended: dict[int, dict[str, int]] = {}
    for row in rows:
        day = ended.setdefault(min(max(row.days, 0), LONGEST_DAYS), {})
        day[row.fate] = day.get(row.fate, 0) + row.runs
    begun = sum(sum(day.values()) for day in ended.values())
    left, alive, share = begun, 1.0, 0.0
    shares: list[float] = []
    steps: list[tuple[float, int, int, float]] = []  # at risk, reached, gone, share not gone before
    for number in range(max(ended, default=-1) + 1):
        day = ended.get(number, {})
        if left - day.get("waiting", 0) < FEWEST_LEFT:
            break
        reached = day.get("reached", 0)
        gone = reached + day.get("left", 0)
        at_risk = left - (day.get("waiting", 0) + day.get("unseen", 0)) / 2
        steps.append((at_risk, reached, gone, alive))
        share += alive * reached / at_risk
        alive *= 1 - gone / at_risk
        shares.append(share)
        left -= sum(day.values())
    return Curve(begun, tuple(shares), tuple(_errors(shares, steps)))


def _errors(
    shares: Sequence[float], steps: Sequence[tuple[float, int, int, float]]
) -> Iterable[float]:
    """Standard errors; the sums over earlier days grow from day to day, so that it is one pass.

    With F the share of the day asked about and F_j of an earlier one the terms are
    (F - F_j)^2 a_j + b_j - 2 (F - F_j) c_j.
    """
    sums = [0.0] * 6
    for (left, reached, gone, alive), share in zip(steps, shares, strict=True):
        a = gone / (left * (left - gone)) if gone < left else 0.0  # all are gone: F stays as it is
        b = alive**2 * (left - reached) * reached / left**3
        c = alive * reached / left**2
        terms = (a, a * share, a * share**2, b, c, c * share)
        sums = [total + term for total, term in zip(sums, terms, strict=True)]
        a, af, aff, b, c, cf = sums
        yield sqrt(max(0.0, share**2 * a - 2 * share * af + aff + b - 2 * (share * c - cf)))


def lift(treated: Curve, control: Curve) -> Lift | None:
    """The difference on the last day that both are known of; None: too few, or nobody to compare with."""
    days = min(len(treated.shares), len(control.shares))
    if days == 0 or min(treated.runs, control.runs) < FEWEST_RUNS:
        return None
    last = days - 1
    difference = treated.shares[last] - control.shares[last]
    room = SURE * sqrt(treated.errors[last] ** 2 + control.errors[last] ** 2)
    low, high = max(-1.0, difference - room), min(1.0, difference + room)
    return Lift(days, treated.shares[last], control.shares[last], low, high)
