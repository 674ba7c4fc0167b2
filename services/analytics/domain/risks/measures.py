"""How good probabilities are, once it is known what came."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from services.analytics.domain.drops.state import Flags, Floats

BINS = 10
TOP = 0.1  # share of the customers that lift is measured on


@dataclass(frozen=True, slots=True)
class Bin:
    """Customers of like risk: what was said on average, what came, how many."""

    said: float
    came: float
    customers: int


@dataclass(frozen=True, slots=True)
class Measures:
    """Marks of one set of probabilities.

    Attributes:
        customers: how many.
        rate: share of them it came true of.
        auc: chance that one it came true of was rated above one it did not; None where all are alike.
        average_precision: mean precision over those it came true of, the highest rated first.
        brier: mean squared error.
        ece: mean distance between said and came over ten bins, weighed by customers.
        lift: how many times the rate it came true of the tenth rated highest.
        bins: of the calibration plot.
    """

    customers: int
    rate: float
    auc: float | None
    average_precision: float | None
    brier: float
    ece: float
    lift: float | None
    bins: tuple[Bin, ...]

    @classmethod
    def of(cls, said: Floats, came: Flags) -> Self:
        """Measure. Equal probabilities count half; order of the input does not matter."""
        rate = float(came.mean())
        bins = tuple(_bins(said, came))
        mixed = 0.0 < rate < 1.0
        return cls(
            customers=len(said),
            rate=rate,
            auc=auc(said, came) if mixed else None,
            average_precision=_average_precision(said, came) if rate > 0.0 else None,
            brier=float(np.mean((said - came) ** 2)),
            ece=sum(abs(b.said - b.came) * b.customers for b in bins) / len(said),
            lift=_lift(said, came) / rate if rate > 0.0 else None,
            bins=bins,
        )


def _bins(said: Floats, came: Flags) -> list[Bin]:
    index = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(index, minlength=BINS)
    total = np.bincount(index, weights=said, minlength=BINS)
    true = np.bincount(index, weights=came, minlength=BINS)
    return [
        Bin(float(total[n] / count[n]), float(true[n] / count[n]), int(count[n]))
        for n in range(BINS)
        if count[n]
    ]


def auc(said: Floats, came: Flags) -> float:
    """The rank sum of Mann and Whitney, ties in the middle of their ranks; both kinds are there."""
    _, place, count = np.unique(said, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2.0)[place]
    true = int(came.sum())
    below = float(rank[came].sum()) - true * (true + 1) / 2.0
    return below / (true * (len(said) - true))


def _average_precision(said: Floats, came: Flags) -> float:
    """Ties are taken in together."""
    values, place, count = np.unique(-said, return_inverse=True, return_counts=True)
    true = np.bincount(place, weights=came, minlength=len(values))
    precision = np.cumsum(true) / np.cumsum(count)
    return float((precision * true).sum() / true.sum())


def _lift(said: Floats, came: Flags) -> float:
    """The rate among those rated highest; of equals at the edge their mean."""
    values, place, count = np.unique(-said, return_inverse=True, return_counts=True)
    most = max(round(TOP * len(said)), 1)
    true = np.bincount(place, weights=came, minlength=len(values)) / count
    before = np.cumsum(count) - count
    taken = np.clip(most - before, 0, count)
    return float((true * taken).sum() / most)
