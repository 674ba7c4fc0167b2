"""Risk: the probability that a customer uses nothing within a horizon.

Silence is its own label: who was silent in the days after an earlier day is known by now for every
customer. A head is fitted on what was known on such days, and is a stated prior before there are any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from services.analytics.domain.drops.state import Floats, States
from services.analytics.domain.risks.features import features
from services.analytics.domain.risks.lessons import Lesson
from services.analytics.domain.risks.logistic import Logistic
from services.analytics.domain.risks.measures import Measures
from services.analytics.domain.risks.prior import Prior, Seen

ENOUGH = 200  # customers a head is learned from
EACH = 20  # of them silent, and as many not
MOST = 300_000  # rows that are learned from


@dataclass(frozen=True, slots=True)
class Graded:
    """The newest lesson for one horizon, judged by what was known by its day.

    Attributes:
        day: its ordinal.
        horizon: days.
    """

    day: int
    horizon: int
    measures: Measures


@dataclass(frozen=True, slots=True)
class Head:
    """What turns states into risk.

    Attributes:
        prior: fitted on the newest day.
        learned: None while there is too little history: then the prior is the risk.
        horizon: days the longest lessons were about.
        lessons: rows that were learned from.
        graded: its back-test, one for each horizon that it has.
    """

    prior: Prior
    learned: Logistic | None = None
    horizon: int = 0
    lessons: int = 0
    graded: tuple[Graded, ...] = ()

    @classmethod
    def fit(cls, prior: Prior, lessons: Sequence[Lesson]) -> Self:
        """Learn from lessons; too few leave the prior."""
        if not _teach(lessons):
            return cls(prior)
        rows = sum(len(one.silent) for one in lessons)
        longest = max(one.horizon for one in lessons)
        return cls(prior, _learn(lessons), longest, rows, _graded(lessons))

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
    return Logistic.fit(
        np.concatenate([one.features for one in lessons]),
        np.concatenate([one.silent for one in lessons]),
    )


def _graded(lessons: Sequence[Lesson]) -> tuple[Graded, ...]:
    """Of each horizon the newest lesson, judged by the lessons whose outcome its day knew."""
    found = []
    for horizon in sorted({one.horizon for one in lessons}):
        newest = max((one for one in lessons if one.horizon == horizon), key=lambda one: one.day)
        older = [one for one in lessons if one.day + one.horizon <= newest.day]
        if _teach(older):
            said = _learn(older).likely(newest.features)
            found.append(Graded(newest.day, horizon, Measures.of(said, newest.silent)))
    return tuple(found)
