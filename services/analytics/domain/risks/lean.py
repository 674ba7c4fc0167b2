"""How far a head leans on recency alone, chosen by days whose outcome was known at the time.

Where a history is short or its customers few, all that a head knows ranks no better than how long
the last use is ago. A head that leans is not worse than that out of sample (docs/decisions/0064).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from services.analytics.domain.drops.state import Flags, Floats
from services.analytics.domain.risks.features import NAMES
from services.analytics.domain.risks.lessons import Lesson
from services.analytics.domain.risks.logistic import Logistic, probability
from services.analytics.domain.risks.measures import auc

RECENCY: Final = [NAMES.index("recency_of_horizon")]
CROSSED: Final = tuple(  # what they say depends on each other: docs/decisions/0109
    NAMES.index(name)
    for name in (
        "prior_silent",
        "recency_of_horizon",
        "recency_of_gap",
        "recency_of_longest",
        "regularity",
        "days_with_use",
    )
)
LEANS = (0.0, 0.25, 0.5, 0.75, 1.0)
PULL = 0.01  # AUC that leaning altogether has to win, so that chance does not choose it
LAST = 3  # newest lessons of each horizon that are looked at
MOST = 30_000  # rows that are learned from to choose
ENOUGH = 200  # rows anything is learned from
EACH = 20  # of them silent, and as many not


@dataclass(frozen=True, slots=True)
class Pair:
    """All that is known, and recency alone; both learned from the same lessons."""

    whole: Logistic
    recency: Logistic

    @classmethod
    def fit(cls, lessons: Sequence[Lesson], most: int | None = None) -> Self:
        """Learn; of more rows than `most` every k-th."""
        rows = np.concatenate([lesson.features for lesson in lessons])
        silent = np.concatenate([lesson.silent for lesson in lessons])
        step = 1 if most is None else max(len(rows) // most, 1)
        rows, silent = rows[::step], silent[::step]
        return cls(Logistic.fit(rows, silent, CROSSED), Logistic.fit(rows[:, RECENCY], silent))

    def likely(self, rows: Floats, lean: float) -> Floats:
        """Probability of silence, so much of its log odds by recency."""
        return probability(
            (1.0 - lean) * self.whole.odds(rows) + lean * self.recency.odds(rows[:, RECENCY])
        )


def enough(lessons: Sequence[Lesson]) -> bool:
    """Whether something can be learned from lessons."""
    silent = sum(int(lesson.silent.sum()) for lesson in lessons)
    rows = sum(len(lesson.silent) for lesson in lessons)
    return rows >= ENOUGH and min(silent, rows - silent) >= EACH


def choose(lessons: Sequence[Lesson]) -> float:
    """The lean that ranked best on the newest days, each judged by what was known by it."""
    ranks = []
    for day in newest(lessons, LAST):
        older = known_by(lessons, day)
        if enough(older) and 0 < int(day.silent.sum()) < len(day.silent):
            ranks.append(_ranks(Pair.fit(older, MOST), day.features, day.silent))
    if not ranks:
        return 0.0
    worth = np.mean(ranks, axis=0) - PULL * np.array(LEANS)
    return LEANS[int(np.argmax(worth))]


def newest(lessons: Sequence[Lesson], last: int) -> list[Lesson]:
    """The last lessons of each horizon."""
    return [
        lesson
        for horizon in sorted({lesson.horizon for lesson in lessons})
        for lesson in sorted((o for o in lessons if o.horizon == horizon), key=lambda o: o.day)[
            -last:
        ]
    ]


def known_by(lessons: Sequence[Lesson], day: Lesson) -> list[Lesson]:
    """The lessons whose outcome was known on the day of another."""
    return [lesson for lesson in lessons if lesson.day + lesson.horizon <= day.day]


def _ranks(pair: Pair, rows: Floats, silent: Flags) -> list[float]:
    return [auc(pair.likely(rows, lean), silent) for lean in LEANS]
