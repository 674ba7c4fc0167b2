"""The closing of a region's day: two days made final or mended by late data, and the new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from services.analytics.domain.drops.cohort import START, CohortDay, CohortMembers, freeze
from services.analytics.domain.drops.day import Day, can_be_judged
from services.analytics.domain.drops.fold import Frame, clear, fold_day, level, returned
from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.silence import is_small, silent_cohort
from services.analytics.domain.drops.state import Floats, Ints, States
from services.analytics.domain.risks.habits import fold_uses

REGION = ""  # the key of the region itself among its cohorts
OPEN_DAYS = 3  # the closed day and the two before it, which late data may still change

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


@dataclass(frozen=True, slots=True)
class Closed:
    """What one closing came to.

    Attributes:
        base: states after the oldest open day, which nothing changes any more.
        final: its cohorts.
        present: states after the closed day; late data of two more closings may mend them.
        yesterday: the cohorts of the day before the closed one, as known now.
        provisional: the closed day's cohorts.
        frame: the closed day's cohort numbers, per customer.
        expected: uses expected on the closed day, mu, per customer.
    """

    base: States
    final: Frozen
    present: States
    yesterday: Frozen
    provisional: Frozen
    frame: Frame
    expected: Floats


def close(
    base: States, days: Sequence[Day], roll: Roll, before: Frozen, p: Parameters = STANDARD
) -> Closed:
    """Fold the open days, oldest first; the first one becomes final.

    A day's factor, k and weights are frozen when the day is final, from the inputs the base is
    folded with. Until then they are computed from what has arrived: uses of a day that half the
    fleet has not sent yet must be compared with a factor of that same half
    (docs/decisions/0004).

    Args:
        base: states before `days[0]`.
        before: the frozen cohorts of the day before `days[0]`.
    """
    finals, final = step(base, days[0], roll, before, p)
    states, frozen = finals, final
    for day in days[1:-1]:
        states, frozen = step(states, day, roll, frozen, p)
    provisional = freeze_day(states, days[-1], roll, frozen, p)
    frame = spread(roll, provisional, _weekday(days[-1]), p)
    expected: Floats = level(states, frame) * frame.weight * frame.factor
    present = _fold(states, days[-1], frame, p)
    return Closed(finals, final, present, frozen, provisional, frame, expected)


def step(
    states: States, day: Day, roll: Roll, before: Frozen, p: Parameters = STANDARD
) -> tuple[States, Frozen]:
    """One day: freeze what its cohorts did, then fold its customers."""
    frozen = freeze_day(states, day, roll, before, p)
    return _fold(states, day, spread(roll, frozen, _weekday(day), p), p), frozen


def judged_by(roll: Roll, frozen: Frozen, p: Parameters = STANDARD) -> list[str]:
    """For each cohort of the roll the one whose numbers it takes: itself, or its region."""
    return [
        name if (cohort := frozen.get(name)) and cohort.members >= p.cohort_min else REGION
        for name in roll.names
    ]


def spread(roll: Roll, frozen: Frozen, weekday: int, p: Parameters) -> Frame:
    """The frozen numbers per customer; a cohort that is too small takes its region's."""
    used = [frozen.get(name, START) for name in judged_by(roll, frozen, p)]

    def each(values: Sequence[float]) -> Floats:
        numbers: Floats = np.array(values, dtype=np.float64)[roll.of]
        return numbers

    return Frame(
        factor=each([c.factor for c in used]),
        weight=each([c.weights[weekday] for c in used]),
        dispersion=each([c.dispersion for c in used]),
        shape=each([c.shape for c in used]),
        rate=each([c.rate for c in used]),
        outage=each(
            [
                float(c.outage or frozen.get(name, START).outage)
                for name, c in zip(roll.names, used, strict=True)
            ]
        )
        > 0.0,
        hazard=each([c.counts.hazard(p) for c in used]),
        leave=each([c.counts.leave(p) for c in used]),
    )


def freeze_day(
    states: States, day: Day, roll: Roll, before: Frozen, p: Parameters = STANDARD
) -> dict[str, CohortDay]:
    """Freeze a day for the region and each large cohort, from inputs sorted by customer."""
    weekday = _weekday(day)
    frame = spread(roll, before, weekday, p)
    rates = level(states, frame)
    everyone = CohortMembers(
        uses=day.uses,
        level=rates,
        mature=states.days,
        posterior=states.unusual,
        judged=can_be_judged(states, day, rates * frame.weight),
        counted=day.member & ~day.waiting & (states.silent_days < p.silent),
        settled=states.reporting_days >= p.settled,
        held=(states.days_above == p.held) & (states.silent_days == 0),
        clear=clear(states, rates * frame.weight, frame.dispersion, p),
        returned=returned(states, day, rates * frame.weight, frame.dispersion, p),
    )
    places = {name: np.flatnonzero(roll.of == i) for i, name in enumerate(roll.names)}
    silent = _silent(states, day, places, before, everyone, p)
    heard = everyone.counted & ~np.isin(roll.of, [roll.names.index(name) for name in silent])
    rest = replace(everyone, counted=heard) if heard.any() else everyone
    region = freeze(before.get(REGION, START), rest, weekday, None, p)
    frozen = {REGION: region, **silent}
    for name, index in places.items():
        if name != REGION and len(index) >= p.cohort_min:
            last = before.get(name)
            last = before.get(REGION, START) if last is None or is_small(last) else last
            frozen[name] = freeze(last, _only(everyone, index), weekday, region, p)
    return frozen


def _silent(
    states: States,
    day: Day,
    places: Mapping[str, Ints],
    before: Frozen,
    everyone: CohortMembers,
    p: Parameters,
) -> dict[str, CohortDay]:
    """Small cohorts of which nobody is heard: their region is judged without them."""
    silent = {
        name: silent_cohort(before.get(name), states, day, everyone.judged, index)
        for name, index in places.items()
        if name != REGION and len(index) < p.cohort_min
    }
    return {name: cohort_day for name, cohort_day in silent.items() if cohort_day is not None}


def _fold(states: States, day: Day, frame: Frame, p: Parameters) -> States:
    """What the day says of a drop, of an absence that ended, and of the customer's habits."""
    expected = level(states, frame) * frame.weight
    back = returned(states, day, expected, frame.dispersion, p) & day.counts
    folded = fold_day(states, day, frame, p)
    came = replace(
        folded,
        absences=folded.absences + back,
        absent_days=folded.absent_days + np.where(back, day.date - states.used_last, 0),
    )
    return fold_uses(came, day.date, day.uses, day.counts)


def _weekday(day: Day) -> int:
    return date.fromordinal(day.date).weekday()


def _only(everyone: CohortMembers, index: Ints) -> CohortMembers:
    return CohortMembers(
        uses=everyone.uses[index],
        level=everyone.level[index],
        mature=everyone.mature[index],
        posterior=everyone.posterior[index],
        judged=everyone.judged[index],
        counted=everyone.counted[index],
        settled=everyone.settled[index],
        held=everyone.held[index],
        clear=everyone.clear[index],
        returned=everyone.returned[index],
    )
