"""Which cohorts of a region have something in common since today: in as few words as say it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.analytics.domain.customers.at_closing import cohort_name
from services.analytics.domain.days.close import REGION, Frozen, Roll
from services.analytics.domain.days.extent import Extent, Group, described
from services.analytics.domain.drops.cohort import DROPPED, START, CohortDay


@dataclass(frozen=True, slots=True)
class Common:
    """Cohorts of which one thing is true.

    Attributes:
        name: model/plan/region, `*` for any; or the region.
        cohorts: their days; the region's when it says it for all.
        customers: how many are in them.
    """

    name: str
    cohorts: tuple[CohortDay, ...]
    customers: int

    def mean(self, number: Callable[[CohortDay], float]) -> float:
        """A number of theirs, each cohort by its reporting members."""
        members = [max(cohort.members, 1) for cohort in self.cohorts]
        total = sum(n * number(c) for n, c in zip(members, self.cohorts, strict=True))
        return total / sum(members)


def new(
    region: str, roll: Roll, today: Frozen, yesterday: Frozen, true_of: Callable[[CohortDay], bool]
) -> list[Common]:
    """What is true of cohorts today and was not yet of all of them yesterday."""

    def begins(name: str) -> bool:
        return not true_of(yesterday.get(name, START))

    many = dict(zip(roll.names, np.bincount(roll.of, minlength=len(roll.names)), strict=True))
    whole = today.get(REGION, START)
    if true_of(whole):
        return [Common(region, (whole,), len(roll.of))] if begins(REGION) else []
    groups = {Group(region, *name.split("/", 1)): name for name in roll.names if name != REGION}
    sizes = {group: int(many[name]) for group, name in groups.items()}
    holds = {g: n for g, n in sizes.items() if true_of(today.get(groups[g], START))}
    said = []
    for extent in described(holds, sizes):
        names = [groups[group] for group in holds if _of(extent, group)]
        if any(begins(name) for name in names):
            days = tuple(today[name] for name in names)
            name = cohort_name(names[0], region) if len(names) == 1 else _name(extent)
            said.append(Common(name, days, extent.customers))
    return said


@dataclass(frozen=True, slots=True)
class DroppedFirmware:
    """A firmware of which less than half of what was usual is seen.

    Attributes:
        factor: share of it that is.
        members: customers who run it.
    """

    model: str
    firmware: str
    factor: float
    members: int


def dropped_firmwares(roll: Roll, today: Frozen, yesterday: Frozen) -> list[DroppedFirmware]:
    """The firmwares that report less than half since today."""
    before = yesterday.get(REGION, START).firmwares
    factors = today.get(REGION, START).firmwares
    running = roll.running()
    said = []
    for name, factor in sorted(factors.items()):
        if factor < DROPPED <= before.get(name, 1.0) and name in running:
            model, _, firmware = name.partition("/")
            said.append(DroppedFirmware(model, firmware, factor, len(running[name])))
    return said


def _of(extent: Extent, group: Group) -> bool:
    return extent.model in (None, group.model) and extent.plan in (None, group.plan)


def _name(extent: Extent) -> str:
    return f"{extent.model or '*'}/{extent.plan or '*'}/{extent.region}"
