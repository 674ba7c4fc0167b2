"""Journey told the state of customers."""

from collections.abc import Sequence

from services.support.domain.customers.customer import customer_changed
from services.support.handlers.ports import Unit
from shared.events import CustomerChanged
from shared.stream.record import Received


async def on_customer_changed(unit: Unit, batch: Sequence[Received[CustomerChanged]]) -> None:
    """Keep the newest state of each customer."""
    held = await unit.store.customers.hold({record.event.customer for record in batch})
    for record in batch:
        customer = record.event.customer
        held[customer] = customer_changed(held[customer], record.event)
    await unit.store.customers.write(held.values())
