"""Save what was done to tickets: rows, and events for the other services."""

from collections.abc import Iterable
from typing import Any

from services.support.domain.partners.organisation import plain
from services.support.domain.tickets.actions import By
from services.support.domain.tickets.history import Change
from services.support.domain.tickets.ticket import Ticket
from services.support.domain.tickets.work import TicketWork
from services.support.handlers.ports import Unit
from shared.events import TicketChanged
from shared.unit import Emit


def author(unit: Unit) -> By:
    """Who acts, and when."""
    return By(unit.who.subject, unit.now, unit.cause, unit.who.organisation)


def audited(ticket: Ticket) -> dict[str, Any]:
    """What people change of a ticket; of the assignee only that it changed."""
    resolution = None if ticket.resolution is None else ticket.resolution.value
    return {"state": ticket.state.value, "resolution": resolution}


async def save(unit: Unit, works: Iterable[TicketWork]) -> None:
    """Write tickets, one statement for those that were there and one for those that are new."""
    done = list(works)
    changed = [t for work in done for id_, t in work.changed.items() if id_ not in work.new]
    new = [work.changed[id_] for work in done for id_ in work.new]
    await unit.store.tickets.write(changed, new)


async def tell(unit: Unit, works: Iterable[TicketWork]) -> None:
    """Write the histories, then tell the other services."""
    done = list(works)
    await unit.store.history.add([entry for work in done for entry in work.entries])
    for work in done:
        for change in work.changes:
            _tell(unit.emit, change)


def _tell(emit: Emit, change: Change) -> None:
    ticket = change.ticket
    if ticket.customer is not None:
        key = f"c:{ticket.customer}"
    elif ticket.device is not None:
        key = f"d:{ticket.device}"
    else:
        return  # it is nobody's and about no device: it concerns none of the others
    event = TicketChanged(
        at=change.at,
        ticket=ticket.id,
        change=change.told,
        state=ticket.state.value,
        version=ticket.version,
        customer=ticket.customer,
        device=ticket.device,
        fault_code=change.fault_code,
        model=None if change.model is None else plain(change.model),
        firmware=None if change.firmware is None else plain(change.firmware),
    )
    emit(event, key=key, cause=change.cause, kind=f"ticket_{change.told}")
