"""Declines that many customers share: whom one holds harmless, since when, how much is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.analytics.domain.days.close import REGION, Frozen
from services.analytics.domain.days.extent import Extent, Group, described
from services.analytics.domain.drops.cohort import CohortDay


@dataclass(frozen=True, slots=True)
class Decline:
    """Customers of one region, in as few words as say it.

    Attributes:
        share: what is left, of what the same customers used over a year.
        since: the day it was seen first.
    """

    extent: Extent
    share: float
    since: date


def declines(last: Mapping[str, Frozen], sizes: Mapping[Group, int]) -> list[Decline]:
    """Those that go on, region by region."""
    said = []
    for region, cohorts in sorted(last.items()):
        there = {group: n for group, n in sizes.items() if group.region == region}
        days = {group: _day(cohorts, group) for group in there}
        holds = {group: there[group] for group, day in days.items() if day.falling}
        for extent in described(holds, there):
            its = [days[g] for g in holds if _within(extent, g)]
            total = sum(max(day.members, 1) for day in its)
            share = sum(max(day.members, 1) * (day.trend or 0.0) for day in its) / total
            since = date.fromordinal(min(day.falling for day in its))
            said.append(Decline(extent, share, since))
    return said


def _day(cohorts: Frozen, group: Group) -> CohortDay:
    """The cohort's own; the region's, when that falls as a whole or the cohort is too small."""
    region = cohorts.get(REGION, CohortDay())
    own = cohorts.get(f"{group.model}/{group.plan}", region)
    return region if region.falling else own


def _within(extent: Extent, group: Group) -> bool:
    return extent.model in (None, group.model) and extent.plan in (None, group.plan)
