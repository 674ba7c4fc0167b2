"""How likely silence is by recency and frequency alone: the stated prior until history teaches more.

Uses come at a customer's own rate, rates are gamma distributed, and after each use the customer may
leave for good: the modified BG/NBD of Batislam, Denizel and Filiztekin (2007). It serves any horizon.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.analytics.domain.drops.state import Floats, Ints, States
from services.analytics.domain.risks.simplex import smallest

SAMPLE = 4_000  # customers the four numbers are fitted on
PULL = 0.001  # towards the start, so that a handful of customers gives no extreme
ODDS = 15.0  # log odds are cut here


@dataclass(frozen=True, slots=True)
class Prior:
    """The population's numbers.

    Attributes:
        shape: r of the gamma distribution of rates.
        scale: alpha of it, days.
        leave: a of the beta distribution of leaving after a use.
        stay: b of it.
    """

    shape: float = 1.0
    scale: float = 1.0
    leave: float = 1.0
    stay: float = 2.7

    @classmethod
    def fit(cls, seen: "Seen") -> "Prior":
        """By maximum likelihood over what was seen of the customers."""
        seen = seen.sample(SAMPLE)
        if len(seen.repeats) == 0:
            return cls()
        rate = max((float(seen.repeats.sum()) + 0.5) / max(float(seen.known.sum()), 1.0), 1e-5)
        start = np.array([0.0, -np.log(rate), 0.0, 1.0])

        def worth(x: Floats) -> float:
            numbers = np.exp(np.clip(x, -7.0, 12.0))
            return _minus_likelihood(numbers, seen) + PULL * float(np.sum((x - start) ** 2))

        return cls(*(float(n) for n in np.exp(np.clip(smallest(worth, start), -7.0, 12.0))))

    def gone(self, seen: "Seen") -> Floats:
        """Log odds that the customer has left for good."""
        odds = np.log(self.leave / (self.stay + seen.repeats)) + (self.shape + seen.repeats) * (
            np.log(self.scale + seen.known) - np.log(self.scale + seen.until)
        )
        clipped: Floats = np.clip(odds, -ODDS, ODDS)
        return clipped

    def quiet(self, seen: "Seen", horizon: float) -> Floats:
        """Log probability that who has not left is silent for so many days."""
        log_left: Floats = -(self.shape + seen.repeats) * (
            np.log(self.scale + seen.known + horizon) - np.log(self.scale + seen.known)
        )
        return log_left

    def silent(self, seen: "Seen", horizon: float) -> Floats:
        """Probability of no use within so many days."""
        stays = 1.0 / (1.0 + np.exp(self.gone(seen)))
        chance: Floats = np.clip(
            1.0 - stays * -np.expm1(self.quiet(seen, horizon)), 1e-6, 1.0 - 1e-6
        )
        return chance


@dataclass(frozen=True, slots=True)
class Seen:
    """What the prior knows of customers; shape (n,).

    Attributes:
        repeats: days with use after the first.
        until: days from the first use to the last.
        known: days from the first use on.
    """

    repeats: Ints
    until: Floats
    known: Floats

    @classmethod
    def of(cls, states: States, day: int) -> "Seen":
        """As of the end of a day; of who has never used anything: one use just now."""
        never = states.used_days == 0
        first = np.where(never, day, states.used_first)
        last = np.where(never, day, states.used_last)
        return cls(
            repeats=np.maximum(states.used_days - 1, 0),
            until=(last - first).astype(np.float64),
            known=np.maximum(day - first, 0).astype(np.float64),
        )

    def sample(self, most: int) -> "Seen":
        """Every k-th of them, so that about so many are left."""
        step = max(len(self.repeats) // most, 1)
        return Seen(self.repeats[::step], self.until[::step], self.known[::step])


def _minus_likelihood(numbers: Floats, seen: Seen) -> float:
    shape, scale, leave, stay = numbers
    count = np.arange(int(seen.repeats.max()) + 1)
    rising = _sums(np.log(shape + count))
    kept = _sums(np.log(stay + count) - np.log(leave + stay + count))
    total = shape + seen.repeats
    stays = kept[seen.repeats + 1] - total * np.log(scale + seen.known)
    left = (
        np.log(leave / (stay + seen.repeats))
        + kept[seen.repeats + 1]
        - total * np.log(scale + seen.until)
    )
    terms = rising[seen.repeats] + shape * np.log(scale) + np.logaddexp(stays, left)
    return -float(terms.mean())


def _sums(values: npt.NDArray[np.float64]) -> Floats:
    """Sums of the first 0, 1, 2 ... values."""
    sums: Floats = np.concatenate([[0.0], np.cumsum(values)])
    return sums
