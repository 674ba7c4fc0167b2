"""What many customers have in common at once: in as few words as say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Group(NamedTuple):
    """Customers of one region, model and plan."""

    region: str
    model: str
    plan: str


@dataclass(frozen=True, slots=True)
class Extent:
    """Customers whom nothing but these words tells apart from others.

    Attributes:
        model, plan: None: whatever they are.
        customers: how many it is true of.
    """

    region: str
    model: str | None
    plan: str | None
    customers: int


def described(true_of: Mapping[Group, int], all_of: Mapping[Group, int]) -> Sequence[Extent]:
    """The fewest words for the groups something is true of, region by region.

    Args:
        true_of: customers it is true of; groups without any are missing.
        all_of: all customers of these regions.

    >>> cam, bell = Group("eu", "cam", "plus"), Group("eu", "cam", "basic")
    >>> described({cam: 4, bell: 3}, {cam: 4, bell: 3, Group("eu", "app", "plus"): 9})
    (Extent(region='eu', model='cam', plan=None, customers=7),)
    """
    extents: list[Extent] = []
    for region in sorted({group.region for group in true_of}):
        there = {group: n for group, n in true_of.items() if group.region == region}
        whole = {group for group, n in there.items() if n == all_of.get(group, n)}
        others = {group for group in all_of if group.region == region} - whole
        if not others:
            extents.append(Extent(region, None, None, sum(there.values())))
            continue
        for name in ("model", "plan"):
            mixed = {getattr(group, name) for group in others}
            for value in sorted({getattr(group, name) for group in there} - mixed):
                its = [group for group in there if getattr(group, name) == value]
                model, plan = (value, None) if name == "model" else (None, value)
                extents.append(Extent(region, model, plan, sum(there.pop(group) for group in its)))
        extents += [Extent(*group, n) for group, n in sorted(there.items())]
    return tuple(extents)


def began(days: Sequence[date]) -> date | None:
    """When the newest run of days without a gap began.

    Args:
        days: the newest first.

    >>> began([date(2026, 3, 5), date(2026, 3, 4), date(2026, 3, 1)])
    datetime.date(2026, 3, 4)
    """
    first: date | None = None
    for day in days:
        if first is not None and (first - day).days > 1:
            break
        first = day
    return first
