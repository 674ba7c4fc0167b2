"""The inputs of a closing: read, put on local days, and turned into totals once a day is final."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from services.analytics.domain.customers.members import Marks, Members
from services.analytics.domain.days.day_calendar import DayCalendar
from services.analytics.domain.days.local_day import closed_by, quarter_of
from services.analytics.domain.days.local_items import Placed, on_local_days
from services.analytics.domain.days.totals import totals
from services.analytics.handlers.ports import Store

KEPT = timedelta(days=28)  # of customers who never began; an id is remembered for 30


@dataclass(frozen=True, slots=True)
class Read:
    """What is known of the members' recent days.

    Attributes:
        keys: (customer, cause) of each row.
        placed: what the rows hold, on its local days.
    """

    keys: list[tuple[str, str]]
    placed: Placed


async def read_inputs(region: str, day: date, members: Members, store: Store) -> Read:
    """The members' recent inputs, up to the end of `day` in whatever zone."""
    number = {member.id: n for n, member in enumerate(members.all)}
    inputs = await store.recent_inputs.of_region(region, closed_by(day))
    mine = sorted((number[r[0]], r[1], r[2]) for r in inputs if r[0] in number)
    return Read(
        keys=[(members.all[n].id, cause) for n, cause, _ in mine],
        placed=on_local_days(
            [items for *_, items in mine],
            [n for n, *_ in mine],
            [member.at_closing.descriptions for member in members.all],
        ),
    )


async def add_final(
    read: Read, members: Members, final: Marks, clock: DayCalendar, store: Store
) -> None:
    """Add what became final to the days' totals, once; remove rows of which all is in there."""
    placed = read.placed
    covered = final.cover(placed)
    fresh = covered & ~members.final().cover(placed)
    if fresh.any():
        sums = totals(placed, fresh, lambda day: quarter_of(clock.closes(day)))
        await store.day_inputs.add([member.id for member in members.all], sums)
    left = np.bincount(placed.row, weights=~covered, minlength=len(read.keys))
    await store.recent_inputs.drop(
        key for key, open_ in zip(read.keys, left.tolist(), strict=True) if not open_
    )
