"""Our own people read a ticket: where people wrote something, the audit says who read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.support.domain.customers.customer import Customer
from services.support.domain.devices.device import Device
from services.support.domain.tickets.history import Entry
from services.support.handlers.ports import Cursor, Seen, Unit
from shared.errors import NotFound

SHOWN = 200  # lines of history beside a ticket


@dataclass(frozen=True, slots=True)
class Whole:
    """A ticket with all that an agent wants beside it.

    Attributes:
        lines: the newest of its history.
        count: of all lines.
        shared_with: organisations that see it.
    """

    seen: Seen
    device: Device | None
    customer: Customer | None
    lines: Sequence[Entry]
    count: int
    shared_with: Sequence[str]


async def read_ticket(unit: Unit, ticket_id: str) -> Whole:
    """One ticket. Raises: NotFound."""
    store = unit.store
    seen = await _read(unit, ticket_id)
    ticket, _ = seen
    lines = await store.history.newest(ticket_id, None, SHOWN)
    _note(unit, ticket_id, lines)
    return Whole(
        seen,
        None if ticket.device is None else await store.devices.read(ticket.device),
        None if ticket.customer is None else await store.customers.read(ticket.customer),
        lines,
        await store.history.count(ticket_id),
        await store.sharing.organisations(ticket_id),
    )


async def read_history(
    unit: Unit, ticket_id: str, before: Cursor | None, limit: int
) -> Sequence[Entry]:
    """Lines of its history, the newest first. Raises: NotFound."""
    await _read(unit, ticket_id)
    lines = await unit.store.history.newest(ticket_id, before, limit)
    _note(unit, ticket_id, lines)
    return lines


async def _read(unit: Unit, ticket_id: str) -> Seen:
    seen = await unit.store.tickets.read(ticket_id)
    if seen is None:
        raise NotFound("ticket", ticket_id)
    return seen


def _note(unit: Unit, ticket: str, lines: Sequence[Entry]) -> None:
    """What devices and timers say names nobody."""
    if any(not line.who.startswith(("device:", "playcaller")) for line in lines):
        unit.audit("ticket.read", "ticket", ticket)
