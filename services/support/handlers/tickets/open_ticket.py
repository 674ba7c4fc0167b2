"""A customer asked for something: one of us opens a ticket."""

from services.support.domain.tickets.actions import By, Request, open_for
from services.support.domain.tickets.ticket import Ticket
from services.support.domain.tickets.work import TicketWork
from services.support.errors import CustomerUnknown, NotTheirDevice
from services.support.handlers.ports import Emit, Store
from services.support.handlers.tickets import saving


async def open_ticket(request: Request, by: By, store: Store, emit: Emit) -> Ticket:
    """Open it.

    Raises: CustomerUnknown; NotTheirDevice.
    """
    customer = await store.customers.read(request.customer)
    if customer is None or customer.erased:
        raise CustomerUnknown(request.customer)
    if request.device is not None:
        device = await store.devices.read(request.device)
        if device is None or device.customer != request.customer:
            raise NotTheirDevice(request.device)
    work = TicketWork()
    ticket = open_for(request, by, work)
    await saving.save(store, [work])
    await saving.tell(store, emit, [work])
    return ticket
