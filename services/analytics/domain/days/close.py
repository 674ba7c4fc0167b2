"""The closing of a region's day: two days made final or mended by late data, and the new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np

from services.analytics.domain.days.slices import slices
from services.analytics.domain.drops.cohort import START, CohortDay, CohortMembers, freeze
from services.analytics.domain.drops.day import Day, can_be_judged
from services.analytics.domain.drops.firmware import firmware_factors
from services.analytics.domain.drops.fold import (
    Frame,
    came_back,
    clear,
    differs,
    fold_day,
    level,
    returned,
    with_own,
)
from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.silence import is_small, silent_cohort
from services.analytics.domain.drops.state import Floats, Ints, States
from services.analytics.domain.drops.trend import for_long, lately
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
        firmwares: model and firmware of their devices; firmwares[0] is empty: nobody has told.
        runs: index into `firmwares` per customer; None: of nobody anything is known.
    """

    names: Sequence[str]
    of: Ints
    firmwares: Sequence[str] = ("",)
    runs: Ints | None = None

    @classmethod
    def of_customers(cls, cohorts: Sequence[str], firmwares: Sequence[str] = ()) -> "Roll":
        """The roll for one cohort name, and one firmware, per customer."""
        names, of = _numbered(cohorts)
        if not any(firmwares):
            return cls(names, of)
        return cls(names, of, *_numbered(firmwares))

    def part(self, part: slice) -> "Roll":
        """That of some of the customers."""
        return replace(self, of=self.of[part], runs=None if self.runs is None else self.runs[part])

    def places(self) -> dict[str, Ints]:
        """Who is in each cohort, in order."""
        return _places(self.names, self.of)

    def running(self) -> dict[str, Ints]:
        """Who runs each firmware."""
        if self.runs is None:
            return {}
        return {name: who for name, who in _places(self.firmwares, self.runs).items() if name}


def _numbered(names: Sequence[str]) -> tuple[list[str], Ints]:
    """Each name once, sorted behind the empty one, and where each customer's is."""
    different = sorted({"", *names})
    index = {name: i for i, name in enumerate(different)}
    return different, np.array([index[name] for name in names], dtype=np.int64)


def _places(names: Sequence[str], of: Ints) -> dict[str, Ints]:
    order = np.argsort(of, kind="stable")
    ends = np.searchsorted(of[order], np.arange(len(names) + 1))
    return {name: order[ends[n] : ends[n + 1]] for n, name in enumerate(names)}


@dataclass(frozen=True, slots=True)
class Closed:
    """What one closing came to, beside the states.

    Attributes:
        yesterday: the cohorts of the day before the closed one, as known now.
        provisional: the closed day's cohorts.
        expected: uses expected on the closed day, mu, per customer.
    """

    yesterday: Frozen
    provisional: Frozen
    expected: Floats


def close(
    states: States, days: Sequence[Day], roll: Roll, final: Frozen, p: Parameters = STANDARD
) -> Closed:
    """Fold the days that late data may still change, oldest first; the states are overwritten.

    A day's factor, k and weights are frozen when the day is final, from the inputs the base is
    folded with. Until then they are computed from what has arrived: uses of a day that half the
    fleet has not sent yet must be compared with a factor of that same half
    (docs/decisions/0004).

    Args:
        states: after the last final day; afterwards after the closed one.
        days: the open ones but the oldest, which `step` made final.
        final: the cohorts of the last final day.
    """
    yesterday = final
    for day in days[:-1]:
        yesterday, _ = step(states, day, roll, yesterday, p)
    provisional, expected = step(states, days[-1], roll, yesterday, p)
    return Closed(yesterday, provisional, expected)


def step(
    states: States, day: Day, roll: Roll, before: Frozen, p: Parameters = STANDARD
) -> tuple[Frozen, Floats]:
    """One day: freeze what its cohorts did, then fold its customers in place, slice by slice.

    Returns: the cohorts, and what was expected of each customer.
    """
    frozen = freeze_day(states, day, roll, before, p)
    expected = np.zeros(len(roll.of))
    for part in slices(len(roll.of)):
        these = states.part(part)
        frame = with_own(these, spread(roll.part(part), frozen, _weekday(day), p), p)
        expected[part] = level(these, frame) * frame.usual * frame.factor
        states.put(part, _fold(these, day.part(part), frame, p))
    return frozen, expected


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

    factor = each([c.factor for c in used])
    if roll.runs is not None:
        own = frozen.get(REGION, START).firmwares
        factor = factor * np.array([own.get(name, 1.0) for name in roll.firmwares])[roll.runs]
    return Frame(
        factor=factor,
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
        differ=each([max(c.differ, 0.0) for c in used]),
        own=np.ones(len(roll.of)),
        weekday=weekday,
    )


def freeze_day(
    states: States, day: Day, roll: Roll, before: Frozen, p: Parameters = STANDARD
) -> dict[str, CohortDay]:
    """Freeze a day for the region and each large cohort, from inputs sorted by customer."""
    everyone = _everyone(states, day, roll, before, p)
    places = roll.places()
    silent = _silent(states, day, places, before, everyone, p)
    heard = everyone.counted & ~np.isin(roll.of, [roll.names.index(name) for name in silent])
    rest = replace(everyone, counted=heard) if heard.any() else everyone
    region = freeze(before.get(REGION, START), rest, day.date, None, p)
    frozen = {REGION: region, **silent}
    for name, index in places.items():
        if name != REGION and len(index) >= p.cohort_min:
            last = before.get(name)
            last = before.get(REGION, START) if last is None or is_small(last) else last
            frozen[name] = freeze(last, _only(everyone, index), day.date, region, p)
    return frozen if roll.runs is None else _with_firmwares(frozen, day, roll, everyone, p)


def _with_firmwares(
    frozen: dict[str, CohortDay], day: Day, roll: Roll, everyone: CohortMembers, p: Parameters
) -> dict[str, CohortDay]:
    """The day with the factors of the firmwares; an outage says nothing of them."""
    region = frozen[REGION]
    if region.outage:
        return frozen
    expected = np.zeros(len(roll.of))
    heard = everyone.judged.copy()
    cohorts = replace(roll, runs=None)
    for part in slices(len(roll.of)):
        frame = spread(cohorts.part(part), frozen, _weekday(day), p)
        expected[part] = everyone.level[part] * everyone.own[part] * frame.weight * frame.factor
        heard[part] &= ~frame.outage
    judged = replace(everyone, judged=heard)
    own = firmware_factors(region.firmwares, roll.running(), judged, expected, p.cohort_min)
    return {**frozen, REGION: replace(region, firmwares=own)}


def _everyone(states: States, day: Day, roll: Roll, before: Frozen, p: Parameters) -> CohortMembers:
    """What is known of each member, slice by slice: a region's own arrays are few."""
    n = len(roll.of)
    numbers = {
        name: np.zeros(n) for name in ("level", "own", "differs", "posterior", "near", "far")
    }
    flags = {name: np.zeros(n, dtype=bool) for name in ("judged", "clear", "returned")}
    for part in slices(n):
        these, today = states.part(part), day.part(part)
        frame = with_own(these, spread(roll.part(part), before, _weekday(day), p), p)
        rates = level(these, frame)
        expected = rates * frame.usual
        numbers["level"][part] = rates
        numbers["own"][part] = frame.own
        numbers["differs"][part] = differs(these, frame)
        numbers["posterior"][part] = these.unusual
        numbers["near"][part] = lately(these, day.date - 1)
        numbers["far"][part] = for_long(these, day.date - 1)
        flags["judged"][part] = can_be_judged(these, today, expected)
        flags["clear"][part] = clear(these, expected, frame.dispersion, p)
        flags["returned"][part] = returned(these, today, expected, frame.dispersion, p)
    return CohortMembers(
        uses=day.uses,
        mature=states.days,
        counted=day.member & ~day.waiting & (states.silent_days < p.silent),
        settled=states.reporting_days >= p.settled,
        held=(states.days_above == p.held) & (states.silent_days == 0),
        level=numbers["level"],
        own=numbers["own"],
        differs=numbers["differs"],
        posterior=numbers["posterior"],
        near=numbers["near"],
        far=numbers["far"],
        judged=flags["judged"],
        clear=flags["clear"],
        returned=flags["returned"],
    )


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
    late = came_back(states, folded, day, p)
    gone = np.where(back, day.date - states.used_last, 0)
    came = replace(
        folded,
        absences=folded.absences + (back | late),
        absent_days=folded.absent_days + np.where(late, day.date - states.onset, gone),
    )
    return fold_uses(came, day.date, day.uses, day.counts)


def _weekday(day: Day) -> int:
    return date.fromordinal(day.date).weekday()


def _only(everyone: CohortMembers, index: Ints) -> CohortMembers:
    numbers = {field.name: getattr(everyone, field.name)[index] for field in fields(everyone)}
    return CohortMembers(**numbers)
