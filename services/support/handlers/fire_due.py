"""Timers of fault keys that fell due: recoveries that held, flapping that ended, retirements."""

from datetime import datetime

from services.support.domain import timers
from services.support.domain.rules import Rules
from services.support.handlers.ports import Emit, Store
from services.support.handlers.progresses import begin, finish

AT_ONCE = 500


async def fire_due(now: datetime, store: Store, emit: Emit, rules: Rules) -> int:
    """Let at most AT_ONCE keys with timers due at `now` act, each timer at its own due time.

    Returns: how many keys acted.
    """
    episodes = await store.fault_keys.hold_due(now, AT_ONCE)
    if not episodes:
        return 0
    work, _ = await begin(store, episodes)
    for progress in work.values():
        timers.fire_due(progress, now, rules)
    await finish(store, emit, work.values())
    return len(work)
