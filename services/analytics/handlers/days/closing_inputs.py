"""The inputs of a closing: read, put on local days, and turned into totals once a day is final."""

from datetime import date, timedelta

import numpy as np

from services.analytics.domain.customers.members import Members
from services.analytics.domain.days.close import OPEN_DAYS
from services.analytics.domain.days.day_calendar import DayCalendar
from services.analytics.domain.days.local_day import closed_by, quarter_of
from services.analytics.domain.days.local_items import Placed, arrived, on_local_days
from services.analytics.domain.days.totals import OpenDays, open_days, totals
from services.analytics.handlers.ports import Rows, Store

KEPT = timedelta(days=28)  # of customers who never began; an id is remembered for 30


async def take_inputs(day: date, calendar: DayCalendar, members: Members, store: Store) -> OpenDays:
    """The members' open days, from what had arrived by the closing; a slice of members at a time.

    What becomes final is added to the days' totals, once; rows of which all is in there are removed.
    """
    oldest, at = day.toordinal() - (OPEN_DAYS - 1), calendar.closes(day)
    shape = (OPEN_DAYS, len(members.ids))
    seen = OpenDays(np.zeros(shape), np.zeros(shape))
    for part, these in members.slices():
        places, rows, packed = await store.recent_inputs.of_all(these.ids, closed_by(day))
        placed = on_local_days(
            packed,
            places,
            [kind.descriptions for kind in these.kinds],
            these.kind,
        )
        mine = open_days(placed, len(these.ids), oldest, arrived(placed, quarter_of(at)))
        seen.hours[:, part], seen.covered_s[:, part] = mine.hours, mine.covered_s
        await _add_final(day, calendar, these, placed, rows, store)
    return seen


async def _add_final(
    day: date,
    calendar: DayCalendar,
    members: Members,
    placed: Placed,
    rows: Rows,
    store: Store,
) -> None:
    oldest = day.toordinal() - (OPEN_DAYS - 1)
    covered = members.final.after(oldest, calendar.closes(day)).cover(placed)
    fresh = covered & ~members.final.cover(placed)
    if fresh.any():
        sums = totals(placed, fresh, lambda local: quarter_of(calendar.closes(local)))
        new = sums.day > members.final.day[sums.who]
        await store.day_inputs.add_days(members.ids, sums.take(new))
        await store.day_inputs.add(members.ids, sums.take(~new))
    left = np.bincount(placed.row, weights=~covered, minlength=len(rows))
    await store.recent_inputs.drop(rows[left == 0])
