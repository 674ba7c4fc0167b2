"""Timers: runs that are due are looked at."""

from services.journey.domain.plays.run import Known
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.plays.move import move
from services.journey.handlers.plays.save import save
from services.journey.handlers.ports import Unit
from shared.stream.timers import AT_MOST


async def fire_runs(unit: Unit, limit: int = AT_MOST) -> int:
    """Look at runs whose time has come; returns how many."""
    unit = await as_played(unit)
    due = await unit.store.runs.due(unit.now, limit)
    if not due:
        return 0
    held = await unit.store.customers.hold_existing(due.values())
    states = await unit.store.customers.states(list(held.values()))
    known = {
        id_: Known(states[id_], customer.stage, customer.zone) for id_, customer in held.items()
    }
    runs = [run for run in await unit.store.runs.active(held) if run.id in due]
    await save(unit, await move(unit, runs, known))
    return len(due)
