"""The closing of one region's day: freeze what its cohorts did, fold the customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from services.analytics.domain.cohort import START, CohortDay, Members, freeze
from services.analytics.domain.day import Day, can_be_judged
from services.analytics.domain.fold import Frame, fold_day, level
from services.analytics.domain.parameters import STANDARD, Parameters
from services.analytics.domain.state import Ints, States

REGION = ""  # the key of the region itself among its cohorts

Frozen = Mapping[str, CohortDay]


@dataclass(frozen=True, slots=True)
class Roll:
    """Which cohort each customer is in.

    Attributes:
        names: cohorts of the region, sorted; names[0] is REGION.
        of: index into `names` per customer, shape (n,).
    """

    names: Sequence[str]
    of: Ints

    @classmethod
    def of_customers(cls, cohorts: Sequence[str]) -> "Roll":
        """The roll for one cohort name per customer."""
        names = sorted({REGION, *cohorts})
        index = {name: i for i, name in enumerate(names)}
        return cls(names, np.array([index[name] for name in cohorts], dtype=np.int64))


def spread(roll: Roll, frozen: Frozen, weekday: int, p: Parameters) -> Frame:
    """The frozen numbers per customer; a cohort that is too small takes its region's."""
    region = frozen.get(REGION, START)
    used = [
        found if (found := frozen.get(name)) and found.members >= p.cohort_min else region
        for name in roll.names
    ]

    def each(values: Sequence[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.array(values, dtype=np.float64)[roll.of]

    return Frame(
        factor=each([c.factor for c in used]),
        weight=each([c.weights[weekday] for c in used]),
        dispersion=each([c.dispersion for c in used]),
        shape=each([c.shape for c in used]),
        rate=each([c.rate for c in used]),
        outage=each([float(c.outage) for c in used]) > 0.0,
    )


def freeze_day(
    states: States, day: Day, roll: Roll, before: Frozen, p: Parameters = STANDARD
) -> dict[str, CohortDay]:
    """Freeze a day for the region and each of its cohorts, from inputs sorted by customer."""
    weekday = date.fromordinal(day.date).weekday()
    frame = spread(roll, before, weekday, p)
    rates = level(states, frame)
    judged = can_be_judged(states, day, rates * frame.weight)
    everyone = Members(
        uses=day.uses,
        level=rates,
        mature=states.days,
        posterior=states.posterior,
        judged=judged,
        counted=day.member & (states.silent_days < p.silent),
        settled=states.reporting_days >= p.settled,
    )
    region = freeze(before.get(REGION, START), everyone, weekday, None, p)
    frozen = {REGION: region}
    for i, name in enumerate(roll.names):
        if name != REGION:
            members = _only(everyone, np.flatnonzero(roll.of == i))
            frozen[name] = freeze(before.get(name, before.get(REGION, START)), members, weekday, region, p)
    return frozen


def _only(everyone: Members, index: Ints) -> Members:
    return Members(
        uses=everyone.uses[index],
        level=everyone.level[index],
        mature=everyone.mature[index],
        posterior=everyone.posterior[index],
        judged=everyone.judged[index],
        counted=everyone.counted[index],
        settled=everyone.settled[index],
    )


def fold_frozen(
    states: States, day: Day, roll: Roll, frozen: Frozen, p: Parameters = STANDARD
) -> States:
    """Fold a day whose cohorts are frozen already."""
    weekday = date.fromordinal(day.date).weekday()
    return fold_day(states, day, spread(roll, frozen, weekday, p), p)
