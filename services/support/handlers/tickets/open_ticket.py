"""A customer asked for something: one of us opens a ticket."""

from services.support.domain.tickets.actions import Request, open_for, opened_by
from services.support.domain.tickets.ticket import Ticket
from services.support.domain.tickets.work import TicketWork
from services.support.errors import CustomerUnknown, NotTheirDevice
from services.support.handlers.ports import Seen, Unit
from services.support.handlers.tickets import saving
from shared.errors import NotFound


async def opened_before(unit: Unit) -> Seen:
    """The ticket that this very request has opened, as it is now. Raises: NotFound."""
    ticket_id = opened_by(saving.author(unit))
    seen = await unit.store.tickets.read(ticket_id)
    if seen is None:
        raise NotFound("ticket", ticket_id)
    return seen


async def open_ticket(unit: Unit, request: Request) -> Ticket:
    """Open it.

    Raises: CustomerUnknown; NotTheirDevice.
    """
    customer = await unit.store.customers.read(request.customer)
    if customer is None or customer.erased:
        raise CustomerUnknown(request.customer)
    if request.device is not None:
        device = await unit.store.devices.read(request.device)
        if device is None or device.customer != request.customer:
            raise NotTheirDevice(request.device)
    work = TicketWork()
    ticket = open_for(request, saving.author(unit), work)
    await saving.save(unit, [work])
    await saving.tell(unit, [work])
    told = {"channel": request.channel, "characters": len(request.text)}
    unit.audit("ticket.open", "ticket", ticket.id, after={**saving.audited(ticket), **told})
    return ticket
