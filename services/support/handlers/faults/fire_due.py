"""Timers of fault keys that fell due: recoveries that held, flapping that ended, retirements."""

from services.support.domain.faults import timers
from services.support.handlers.faults.working import load, save
from services.support.handlers.ports import Unit


async def fire_due(unit: Unit, limit: int) -> int:
    """Let at most `limit` keys with timers due now act, each timer at its own due time.

    What it costs depends on what is due alone.

    Returns: how many keys acted.
    """
    works = await load(unit.store, await unit.store.fault_keys.hold_due(unit.now, limit))
    if not works:
        return 0
    for work in works.values():
        timers.fire_due(work, unit.now, unit.rules)
    await save(unit, works.values())
    return len(works)
