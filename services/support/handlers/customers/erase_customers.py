"""Customers are erased: their tickets end and become nobody's, without what people wrote."""

from collections.abc import Sequence

from msgspec.structs import replace

from services.support.domain.faults import timers
from services.support.domain.tickets import actions
from services.support.domain.tickets.ticket import Resolution
from services.support.domain.tickets.work import TicketWork
from services.support.handlers.faults.working import load, save
from services.support.handlers.ports import Unit
from services.support.handlers.tickets import saving


async def erase_customers(unit: Unit, subjects: Sequence[str]) -> Sequence[str]:
    """Forget them; the faults of their devices stay, as the devices'. Returns these devices."""
    store = unit.store
    theirs = await store.erasing.of(subjects)
    await store.devices.hold(theirs.devices)
    works = await load(store, await store.fault_keys.hold(theirs.keys))
    for work in works.values():
        ticket = work.ticket
        if ticket is None or not ticket.is_open or ticket.customer not in subjects:
            continue
        cause = f"erased:{ticket.customer}:{ticket.id}"
        nobodys = replace(ticket, customer=None)
        timers.resolve(work, nobodys, Resolution.MOVED, at=unit.now, cause=cause)
    await save(unit, works.values())
    conversations = TicketWork((await store.tickets.hold(theirs.conversations)).values())
    for id_ in theirs.conversations:
        if (ticket := conversations.get(id_)) is not None and ticket.is_open:
            cause = f"erased:{ticket.customer}:{ticket.id}"
            nobodys = replace(ticket, customer=None, subject=None)
            actions.end(conversations, nobodys, Resolution.MOVED, at=unit.now, cause=cause)
    await saving.save(unit, [conversations])
    await saving.tell(unit, [conversations])
    await store.erasing.take_away(subjects, theirs.tickets)
    return theirs.devices
