"""Timers of fault keys that fell due: recoveries that held, flapping that ended, retirements."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from services.support.domain.faults import timers
from services.support.domain.faults.fault_key import FaultKey
from services.support.domain.rules import Rules
from services.support.handlers.faults.working import load, save
from services.support.handlers.ports import Emit, Store
from shared import log

AT_ONCE = 500
PUT_OFF = timedelta(hours=1)  # then it is tried again: the next release may know better

_log = log.get("support.timers")
Work = Callable[[Emit], Awaitable[None]]


class Attempt(Protocol):
    """Do some work so that all of it happened, or nothing; the error, if it will always fail."""

    async def __call__(self, work: Work, emit: Emit) -> Exception | None: ...


async def at_once(work: Work, emit: Emit) -> None:
    """Do it; an error ends the whole transaction."""
    await work(emit)


async def fire_due(
    now: datetime,
    store: Store,
    emit: Emit,
    rules: Rules,
    limit: int = AT_ONCE,
    *,
    attempt: Attempt = at_once,
) -> int:
    """Let at most `limit` keys with timers due at `now` act, each timer at its own due time.

    One that fails is named and put off; the others act. What it costs depends on what is due alone.

    Returns: how many keys acted or were put off.
    """
    held = await store.fault_keys.hold_due(now, limit)
    due = {key: state for key, state in held.items() if state is not None}
    failed: dict[str, str] = dict.fromkeys(held.keys() - due.keys(), "unreadable")
    if due and await attempt(partial(_fire, due, now, store, rules), emit) is not None:
        for key, state in due.items():
            error = await attempt(partial(_fire, {key: state}, now, store, rules), emit)
            if error is not None:
                failed[key] = type(error).__name__
    for key, why in sorted(failed.items()):
        _log.error("a timer failed and is put off an hour", extra={"fault_key": key, "error": why})
    await store.fault_keys.put_off(failed, now + PUT_OFF)
    return len(held)


async def _fire(
    due: Mapping[str, FaultKey], now: datetime, store: Store, rules: Rules, emit: Emit
) -> None:
    works = await load(store, due)
    for work in works.values():
        timers.fire_due(work, now, rules)
    await save(store, emit, works.values())
