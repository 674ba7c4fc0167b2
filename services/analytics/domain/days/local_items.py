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
    packed: Sequence[bytes],
    of: Sequence[int] | Ints,
    histories: Sequence[Sequence[Description]],
    which: Ints | None = None,
) -> Placed:
    """Put items on local days.

    Args:
        packed: items of one customer each.
        of: whose they are: places of customers, rising.
        histories: the descriptions that count, oldest first. Before the oldest a customer
            was in UTC. An item stays where it is when more becomes known: news are of later days.
        which: of each customer its place in `histories`; None: there is one for each.
    """
    which = np.arange(len(histories)) if which is None else which
    items = unpack(packed)
    sizes = [len(packed_items) // items.dtype.itemsize for packed_items in packed]
    row = np.repeat(np.arange(len(packed)), sizes)
    who: Ints = np.repeat(np.array(of, dtype=np.int64), sizes)
    at = items["at"].astype(np.int64)
    names = sorted({"UTC", *(description.zone for history in histories for description in history)})
    zone = _zones(who, at, histories, which, {name: i for i, name in enumerate(names)})
    hours = np.zeros(len(items), dtype=np.int64)
    for i, name in enumerate(names):
        there = np.flatnonzero(zone == i)
        hours[there] = _hours(name, at[there])
    day = hours // HOURS + items["ahead"]
    return Placed(who, row, day, hours % HOURS, items)


def _hours(zone: str, at: Ints) -> Ints:
    """Local hours of quarters of an hour, each looked up once."""
    if len(at) == 0:
        return at
    first = int(at.min())
    span = int(at.max()) - first + 1
    if span > len(at):  # a few, far apart
        quarters, index = np.unique(at, return_inverse=True)
        return np.array([local_hour(zone, q) for q in quarters.tolist()], dtype=np.int64)[index]
    there = np.flatnonzero(np.bincount(at - first, minlength=span))
    table = np.zeros(span, dtype=np.int64)
    table[there] = [local_hour(zone, first + q) for q in there.tolist()]
    hours: Ints = table[at - first]
    return hours


def day_of(history: Sequence[Description], quarter: int) -> int:
    """The ordinal of the local day that one quarter of an hour lies in."""
    utc_day, zone = quarter // QUARTERS + EPOCH_DAY, "UTC"
    for description in history:
        if description.since.toordinal() <= utc_day:
            zone = description.zone
    return local_hour(zone, quarter) // HOURS


def _zones(
    who: Ints,
    at: Ints,
    histories: Sequence[Sequence[Description]],
    which: Ints,
    number: dict[str, int],
) -> Ints:
    """The zone each item's customer was in on its UTC day: the present one, of nearly all."""
    newest = np.array([number[history[-1].zone] for history in histories], dtype=np.int64)
    since = np.array([history[-1].since.toordinal() for history in histories], dtype=np.int64)
    newest, since = newest[which], since[which]
    zone: Ints = newest[who]
    utc_day = at // QUARTERS + EPOCH_DAY
    for i in np.unique(who[utc_day < since[who]]).tolist():
        first, last = np.searchsorted(who, i), np.searchsorted(who, i, side="right")
        history = histories[which[i]]
        starts = [description.since.toordinal() for description in history]
        zones = np.array([number["UTC"], *(number[description.zone] for description in history)])
        zone[first:last] = zones[np.searchsorted(starts, utc_day[first:last], side="right")]
    return zone


def arrived(placed: Placed, quarter: int) -> Flags:
    """Which items had arrived by the beginning of a quarter of an hour."""
    in_time: Flags = placed.items["arrival"] <= quarter
    return in_time
