"""Customers are erased: their tickets end and become nobody's, without what people wrote."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from services.support.domain import timers
from services.support.domain.ticket import Resolution
from services.support.handlers.ports import Emit, Store
from services.support.handlers.progresses import begin, finish


async def erase_customers(
    subjects: Sequence[str], now: datetime, store: Store, emit: Emit
) -> Sequence[str]:
    """Forget them; the faults of their devices stay, as the devices'. Returns these devices."""
    found = await store.erasing.of(subjects)
    await store.devices.hold(found.devices)
    work, _ = await begin(store, await store.fault_keys.hold(found.keys))
    for progress in work.values():
        ticket = progress.ticket
        if ticket is None or not ticket.is_open or ticket.customer not in subjects:
            continue
        nobodys = replace(ticket, customer=None)
        cause = f"erased:{ticket.customer}:{ticket.id}"
        timers.resolve(progress, nobodys, Resolution.MOVED, at=now, cause=cause)
    await finish(store, emit, work.values())
    await store.erasing.take_away(subjects, found.tickets)
    return found.devices
