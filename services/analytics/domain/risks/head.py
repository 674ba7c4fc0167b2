"""Risk: the probability that a customer uses nothing within a horizon.

Silence is its own label: who was silent in the days after an earlier day is known by now for every
customer. A head is fitted on what was known on such days, and is a stated prior before there are any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from services.analytics.domain.drops.state import Flags, Floats, States
from services.analytics.domain.risks.features import features
from services.analytics.domain.risks.logistic import Logistic
from services.analytics.domain.risks.measures import Measures
from services.analytics.domain.risks.prior import Prior, Seen

ENOUGH = 200  # customers a head is learned from
EACH = 20  # of them silent, and as many not
MOST = 200_000  # rows that are learned from; of more every k-th


@dataclass(frozen=True, slots=True)
class Lesson:
    """One earlier day: what was known then, and who was silent in the days after.

    Attributes:
        features: shape (n, k), for that horizon.
        silent: shape (n,).
    """

    features: Floats
    silent: Flags


@dataclass(frozen=True, slots=True)
class Head:
    """What turns states into risk.

    Attributes:
        prior: fitted on the newest day.
        learned: None while there is too little history: then the prior is the risk.
        horizon: days the lessons were about.
        lessons: rows that were learned from.
        backtest: the newest lesson, judged by what the older ones teach; None without.
    """

    prior: Prior
    learned: Logistic | None = None
    horizon: float = 0.0
    lessons: int = 0
    backtest: Measures | None = None

    @classmethod
    def fit(cls, prior: Prior, lessons: Sequence[Lesson], horizon: float) -> Self:
        """Learn from lessons, oldest first; too few leave the prior."""
        if not _teach(lessons):
            return cls(prior)
        rows = sum(len(one.silent) for one in lessons)
        return cls(prior, _learn(lessons), horizon, rows, _backtest(lessons))

    def risk(
        self,
        states: States,
        day: int,
        horizon: float,
        more: Mapping[str, Floats] | None = None,
    ) -> Floats:
        """Probability of no use in so many days after a day, shape (n,)."""
        if len(states.uses) == 0:
            return np.zeros(0)
        if self.learned is None:
            return self.prior.silent(Seen.of(states, day), horizon)
        return self.learned.likely(features(states, day, horizon, self.prior, more))


def _teach(lessons: Sequence[Lesson]) -> bool:
    silent = sum(int(one.silent.sum()) for one in lessons)
    rows = sum(len(one.silent) for one in lessons)
    return rows >= ENOUGH and min(silent, rows - silent) >= EACH


def _learn(lessons: Sequence[Lesson]) -> Logistic:
    step = max(sum(len(one.silent) for one in lessons) // MOST, 1)
    return Logistic.fit(
        np.concatenate([one.features[::step] for one in lessons]),
        np.concatenate([one.silent[::step] for one in lessons]),
    )


def _backtest(lessons: Sequence[Lesson]) -> Measures | None:
    *older, newest = lessons
    if not _teach(older):
        return None
    return Measures.of(_learn(older).likely(newest.features), newest.silent)
