"""The closing of a region's day: once all its records have arrived, exactly once."""

from services.analytics.domain.customers.members import Members
from services.analytics.domain.days.close import OPEN_DAYS, close, step
from services.analytics.domain.days.day_calendar import DayCalendar
from services.analytics.domain.days.local_day import DAY
from services.analytics.domain.drops.state import States
from services.analytics.handlers.days.closing_cohorts import tell_cohorts
from services.analytics.handlers.days.closing_devices import tell_devices
from services.analytics.handlers.days.closing_inputs import KEPT, take_inputs
from services.analytics.handlers.days.closing_risks import Closing, write_risks
from services.analytics.handlers.days.learning import learn
from services.analytics.handlers.ports import Store, Unit
from shared.unit import Emit


async def close_days(unit: Unit, limit: int = 1) -> int:
    """Close the region's day that has been due longest; returns 1, or 0 when none is due.

    One at a time, whatever `limit` says: a closing reads and writes a whole region.

    Whoever else wants to close it waits for the region's row, then finds the next day there.
    Everything written follows from the inputs that arrived in time: a replay writes the same bits.
    """
    del limit
    store = unit.store
    due = await store.day_calendars.hold_due(unit.now)
    if due is None:
        return 0
    region, clock = due
    if clock.next_day is None or clock.due_at is None:
        return 0
    members, states = await store.closings.members(region, clock.next_day)
    empty = not members.ids
    if not empty or clock.closed is not None:
        await _close(region, clock, members, states, store, unit.emit)
    await store.day_calendars.write({region: clock.after_closing(empty=empty)})
    return 1


async def _close(
    region: str, clock: DayCalendar, members: Members, states: States, store: Store, emit: Emit
) -> None:
    """The states are folded in place: first by the day that is final now, then by the open ones."""
    assert clock.next_day is not None  # noqa: S101 - it is due
    day, at = clock.next_day, clock.closes(clock.next_day)
    oldest = day - (OPEN_DAYS - 1) * DAY
    seen = await take_inputs(day, clock, members, store)
    # a region that is behind may still close the day before an erasure: a day's grace
    await store.recent_inputs.forget(day - DAY, at - KEPT)
    await store.reach.forget(day - DAY)
    before = await store.closings.final(region, oldest - DAY)
    roll, days = members.roll(), members.open_days(day.toordinal(), seen)
    final, _ = step(states, days[0], roll, before)
    for part, these in members.slices():
        marks = these.final.after(oldest.toordinal(), at)
        await store.closings.copy_states(these.ids, marks, states.part(part))
    heads = await learn(region, oldest, members.ids, states, store)
    closed = close(states, days[1:], roll, final)
    row = {
        "region": region,
        "day": day,
        "closed_at": at,
        "members": len(members.ids),
        "provisional": closed.provisional,
    }
    await store.closings.freeze(row, oldest, final)
    closing = Closing(region, day, at, members, roll, states, closed, heads)
    await write_risks(closing, store, emit)
    tell_cohorts(closing, emit)
    await tell_devices(closing, store, emit)
