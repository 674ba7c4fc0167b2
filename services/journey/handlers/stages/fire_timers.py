"""Timers: stages that time alone changes, and the daily republication."""

from services.journey.domain.customers.state import State
from services.journey.domain.days import moment_of, seconds
from services.journey.domain.stages.timeline import DAY, REVISED_DAYS
from services.journey.handlers.ports import Unit
from services.journey.handlers.stages.advance import Work, announce, update_stages
from services.journey.handlers.stages.on_stages import on_stages
from shared.stream.timers import AT_MOST

AHEAD_S = DAY  # no clock of a device was ever let further ahead


async def fire_stages(unit: Unit, limit: int = AT_MOST) -> int:
    """Evaluate customers whose timer is due; returns how many."""
    now = seconds(unit.now)
    due = await unit.store.customers.due(unit.now, limit)
    if not due:
        return 0
    held = await unit.store.customers.hold_existing(due)
    states = await unit.store.customers.states(list(held.values()))
    works = [
        Work(
            held[id_], states[id_], f"timer:{id_}@{moment_of(held[id_].due or 0).isoformat()}", now
        )
        for id_ in due
    ]
    await on_stages(unit, await update_stages(unit, works, until=now))
    return len(due)


async def take_back(unit: Unit, limit: int = AT_MOST) -> int:
    """Write anew the histories that an earlier release knew up to a moment ahead; returns how many."""
    now = seconds(unit.now)
    ahead = await unit.store.customers.ahead(now + AHEAD_S, limit)
    if not ahead:
        return 0
    held = await unit.store.customers.hold_existing(ahead)
    states = await unit.store.customers.states(list(held.values()))
    works = [
        Work(held[id_], states[id_], f"timer:ahead/{id_}@{held[id_].evaluated}", now)
        for id_ in ahead
    ]
    for work in works:
        work.take_back()
    await on_stages(unit, await update_stages(unit, works, until=now))
    return len(ahead)


async def republish(unit: Unit, limit: int = AT_MOST) -> int:
    """Tell customers again that were not told for a day; returns how many.

    Why: a compacted topic can keep an older value for ever (research/protocol-review.md 8).
    """
    waiting = await unit.store.customers.to_republish(unit.now, limit)
    if not waiting:
        return 0
    held = await unit.store.customers.hold_existing(waiting)
    works = [
        Work(held[id_], State(), f"timer:republish/{id_}@{held[id_].republish}", seconds(unit.now))
        for id_ in waiting
    ]
    await announce(unit, works, again=True)
    await unit.store.customers.forget_quarters(waiting, seconds(unit.now) - REVISED_DAYS * DAY)
    await unit.store.customers.save([work.customer for work in works])
    return len(waiting)
