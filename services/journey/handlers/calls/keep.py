"""Who keeps a call: they are reminded of with its customer, and say what came of it."""

from typing import Any

from services.journey.domain.calls.call import CallNotBegun, News
from services.journey.domain.steps.call import NO_SHOW
from services.journey.handlers.calls.tell import Told, tell
from services.journey.handlers.ports import Unit
from shared.stream.timers import AT_MOST


async def fire_calls(unit: Unit, limit: int = AT_MOST) -> int:
    """Customers are reminded of calls that are soon, each once."""
    due = await unit.store.calls.due(unit.now, limit)
    if not due:
        return 0
    runs = await unit.store.runs.several({call.run for call in due})
    told = [
        Told(call, runs[call.run], News.SOON, call.version, call.starts_at)
        for call in due
        if call.starts_at > unit.now
    ]
    await unit.store.calls.reminded([call.id for call in due])
    await tell(unit, told)
    return len(due)


async def settle_call(unit: Unit, task: Any, result: str) -> None:
    """What came of the task came of its call. Raises CallNotBegun: nobody can have missed it yet."""
    if task.starts_at is None:
        return
    if result == NO_SHOW and unit.now < task.starts_at:
        raise CallNotBegun
    call = await unit.store.calls.of_task(task.id)
    if call is not None:
        state = "no_show" if result == NO_SHOW else "held"
        written = {"state": state, "due_at": None, "changed_at": unit.now}
        await unit.store.calls.change(call.id, {**written, "version": call.version + 1})
