"""Items of many customers put on their local days, each by the zone its customer was in then."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.analytics.domain.customers.customer import Description
from services.analytics.domain.days.item import Items, unpack
from services.analytics.domain.days.local_day import EPOCH_DAY, HOURS, QUARTERS, local_hour
from services.analytics.domain.drops.state import Flags, Ints


@dataclass(frozen=True, slots=True)
class Placed:
    """Items on their days; every array has shape (k,), sorted by customer.

    Attributes:
        who: place of the customer among those asked for.
        row: place of the row the item came in.
        day: proleptic ordinal of the local day.
        hour: local hour, 0 to 23.
        items: what happened.
    """

    who: Ints
    row: Ints
    day: Ints
    hour: Ints
    items: Items


def on_local_days(
    packed: Sequence[bytes], of: Sequence[int], histories: Sequence[Sequence[Description]]
) -> Placed:
    """Put items on local days.

    Args:
        packed: items of one customer each.
        of: whose they are: places in `histories`, rising.
        histories: per customer the descriptions that count, oldest first. Before the oldest it
            was in UTC. An item stays where it is when more becomes known: news are of later days.
    """
    items = unpack(packed)
    sizes = [len(packed_items) // items.dtype.itemsize for packed_items in packed]
    row = np.repeat(np.arange(len(packed)), sizes)
    who: Ints = np.repeat(np.array(of, dtype=np.int64), sizes)
    at = items["at"].astype(np.int64)
    names = sorted({"UTC", *(description.zone for history in histories for description in history)})
    zone = _zones(who, at, histories, {name: i for i, name in enumerate(names)})
    hours = np.zeros(len(items), dtype=np.int64)
    for i, name in enumerate(names):
        there = np.flatnonzero(zone == i)
        quarters, index = np.unique(at[there], return_inverse=True)
        table = [local_hour(name, quarter) for quarter in quarters.tolist()]
        hours[there] = np.array(table, dtype=np.int64)[index]
    day = hours // HOURS + items["ahead"]
    return Placed(who, row, day, hours % HOURS, items)


def day_of(history: Sequence[Description], quarter: int) -> int:
    """The ordinal of the local day that one quarter of an hour lies in."""
    utc_day, zone = quarter // QUARTERS + EPOCH_DAY, "UTC"
    for description in history:
        if description.since.toordinal() <= utc_day:
            zone = description.zone
    return local_hour(zone, quarter) // HOURS


def _zones(
    who: Ints, at: Ints, histories: Sequence[Sequence[Description]], number: dict[str, int]
) -> Ints:
    """The zone each item's customer was in on its UTC day: the present one, of nearly all."""
    newest = np.array([number[history[-1].zone] for history in histories], dtype=np.int64)
    since = np.array([history[-1].since.toordinal() for history in histories], dtype=np.int64)
    zone: Ints = newest[who]
    utc_day = at // QUARTERS + EPOCH_DAY
    for i in np.unique(who[utc_day < since[who]]).tolist():
        first, last = np.searchsorted(who, i), np.searchsorted(who, i, side="right")
        starts = [description.since.toordinal() for description in histories[i]]
        zones = np.array(
            [number["UTC"], *(number[description.zone] for description in histories[i])]
        )
        zone[first:last] = zones[np.searchsorted(starts, utc_day[first:last], side="right")]
    return zone


def arrived(placed: Placed, quarter: int) -> Flags:
    """Which items had arrived by the beginning of a quarter of an hour."""
    in_time: Flags = placed.items["arrival"] <= quarter
    return in_time
