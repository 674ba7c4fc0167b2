"""Timers: stages that time alone changes, and the daily republication."""

from services.journey.domain.days import moment_of, seconds
from services.journey.domain.state import State
from services.journey.domain.timeline import DAY, REVISED_DAYS
from services.journey.handlers.advance import Work, announce, settle
from services.journey.handlers.ports import Desk

AT_MOST = 500  # customers a call
AHEAD_S = DAY  # no clock of a device was ever let further ahead


async def fire_stages(desk: Desk) -> int:
    """Evaluate customers whose timer is due; returns how many."""
    now = seconds(desk.now)
    due = await desk.customers.due(desk.now, AT_MOST)
    if not due:
        return 0
    held = await desk.customers.find(due)
    states = await desk.customers.states(list(held.values()))
    works = [
        Work(
            held[id_], states[id_], f"timer:{id_}@{moment_of(held[id_].due or 0).isoformat()}", now
        )
        for id_ in due
    ]
    await settle(desk, works, until=now)
    return len(due)


async def take_back(desk: Desk) -> int:
    """Write anew the histories that an earlier release knew up to a moment ahead; returns how many."""
    now = seconds(desk.now)
    ahead = await desk.customers.ahead(now + AHEAD_S, AT_MOST)
    if not ahead:
        return 0
    held = await desk.customers.find(ahead)
    states = await desk.customers.states(list(held.values()))
    works = [
        Work(held[id_], states[id_], f"timer:ahead/{id_}@{held[id_].evaluated}", now)
        for id_ in ahead
    ]
    for work in works:
        work.take_back()
    await settle(desk, works, until=now)
    return len(ahead)


async def republish(desk: Desk) -> int:
    """Tell customers again that were not told for a day; returns how many.

    Why: a compacted topic can keep an older value for ever (research/protocol-review.md 8).
    """
    waiting = await desk.customers.to_republish(desk.now, AT_MOST)
    if not waiting:
        return 0
    held = await desk.customers.find(waiting)
    works = [
        Work(held[id_], State(), f"timer:republish/{id_}@{held[id_].republish}", seconds(desk.now))
        for id_ in waiting
    ]
    await announce(desk, works, again=True)
    await desk.customers.forget_quarters(waiting, seconds(desk.now) - REVISED_DAYS * DAY)
    await desk.customers.save([work.customer for work in works])
    return len(waiting)
