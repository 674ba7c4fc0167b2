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
from services.analytics.domain.risks.lean import Pair, choose, enough, known_by, newest
from services.analytics.domain.risks.lessons import Lesson
from services.analytics.domain.risks.logistic import Logistic
from services.analytics.domain.risks.measures import Measures
from services.analytics.domain.risks.prior import Prior, Seen

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
        recency: recency alone, learned from the same lessons.
        lean: how much of the log odds it gives, 0 to 1.
    """

    prior: Prior
    learned: Logistic | None = None
    horizon: int = 0
    lessons: int = 0
    graded: tuple[Graded, ...] = ()
    recency: Logistic | None = None
    lean: float = 0.0

    @classmethod
    def fit(cls, prior: Prior, lessons: Sequence[Lesson]) -> Self:
        """Learn from lessons; too few leave the prior."""
        if not enough(lessons):
            return cls(prior)
        pair = Pair.fit(lessons)
        rows = sum(len(lesson.silent) for lesson in lessons)
        longest = max(lesson.horizon for lesson in lessons)
        return cls(
            prior, pair.whole, longest, rows, _graded(lessons), pair.recency, choose(lessons)
        )

    def risk(
        self,
        states: States,
        day: int,
        horizon: float,
        more: Mapping[str, Floats] | None = None,
        usual: float | None = None,
    ) -> Floats:
        """Probability of no use in so many days after a day, shape (n,).

        Args:
            usual: days between uses of the middle customer of all; None: of these.
        """
        if len(states.uses) == 0:
            return np.zeros(0)
        if self.learned is None:
            return self.prior.silent(Seen.of(states, day), horizon)
        rows = features(states, day, horizon, self.prior, more, usual)
        if self.recency is None:  # kept by a release before it was learned
            return self.learned.likely(rows)
        return Pair(self.learned, self.recency).likely(rows, self.lean)


def _graded(lessons: Sequence[Lesson]) -> tuple[Graded, ...]:
    """Of each horizon the newest lesson, judged by the lessons whose outcome its day knew."""
    graded = []
    for last in newest(lessons, 1):
        older = known_by(lessons, last)
        if enough(older):
            said = Pair.fit(older).likely(last.features, choose(older))
            graded.append(Graded(last.day, last.horizon, Measures.of(said, last.silent)))
    return tuple(graded)
