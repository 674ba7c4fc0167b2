"""Which earlier days a head learns from, for how many days ahead, and what came after them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.analytics.domain.drops.state import Flags, Floats, Ints, States
from services.analytics.domain.risks.features import features
from services.analytics.domain.risks.prior import Prior, Seen

Came = Callable[[Ints, int, int], Flags]

SHARES = (0.2, 0.34, 0.5)  # of the known history that is learned for: docs/decisions/0052
CUTS = 6  # earlier days for each
EARLY = 0.4  # share of the history before the first of them
SETTLED = 14  # days, at least


@dataclass(frozen=True, slots=True)
class Lesson:
    """One earlier day: what was known then, and who was silent in the days after.

    Attributes:
        day: its ordinal.
        horizon: days after it.
        features: shape (n, k), for that horizon.
        silent: shape (n,); of cancellations: who has cancelled.
    """

    day: int
    horizon: int
    features: Floats
    silent: Flags


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Customers as they were known at the end of an earlier day.

    Attributes:
        day: its ordinal.
        states: of those who had used something by then.
        again: ordinal of each one's next day with use, of cancellations their day; 0: none is known.
        more: what else was known then, by name.
    """

    day: int
    states: States
    again: Ints
    more: Mapping[str, Floats] = field(default_factory=dict)


def plan(first: int, known: int, horizon: int) -> list[tuple[int, int]]:
    """Which days to learn from, and for how many days after each, sorted.

    Several lengths up to half of the history: what holds for all of them holds beyond. Nothing after
    `known` is needed.

    Args:
        first: ordinal of the day before the history begins.
        known: of the last day that is known.
    """
    span = known - first
    pairs = set()
    for learn_for in {max(min(horizon, int(share * span)), 1) for share in SHARES}:
        last = span - learn_for
        begin = min(max(EARLY * last, float(SETTLED)), last)
        pairs |= {(first + int(cut), learn_for) for cut in np.linspace(begin, last, CUTS)}
    return sorted(pairs)


def nearest(planned: Sequence[tuple[int, int]], kept: Sequence[int]) -> list[tuple[int, int]]:
    """The same with days that are kept: of each the last one not after it."""
    pairs = set()
    for day, horizon in planned:
        earlier = [kept_day for kept_day in kept if kept_day <= day]
        if earlier:
            pairs.add((max(earlier), horizon))
    return sorted(pairs)


def silent(again: Ints, day: int, horizon: int) -> Flags:
    """Who uses nothing in so many days after a day."""
    none: Flags = (again == 0) | (again > day + horizon)
    return none


def lessons(
    snapshot: Snapshot, horizons: Sequence[int], step: int = 1, came: Came = silent
) -> list[Lesson]:
    """What a snapshot teaches for each horizon; of more customers every `step`-th.

    Args:
        came: whom that which is learned of befell.
    """
    prior = Prior.fit(Seen.of(snapshot.states, snapshot.day))
    places = np.arange(0, len(snapshot.again), step)
    states, again = snapshot.states.take(places), snapshot.again[places]
    more = {name: values[places] for name, values in snapshot.more.items()}
    return [
        Lesson(
            snapshot.day,
            horizon,
            features(states, snapshot.day, float(horizon), prior, more),
            came(again, snapshot.day, horizon),
        )
        for horizon in horizons
    ]
