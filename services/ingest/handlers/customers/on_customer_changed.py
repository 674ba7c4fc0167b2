"""News of customers: only that they exist, so that a claim can be understood."""

from collections.abc import Sequence

from services.ingest.handlers.ports import Unit
from shared.events import CustomerChanged
from shared.stream.record import Received


async def on_customer_changed(unit: Unit, batch: Sequence[Received[CustomerChanged]]) -> None:
    """Keep the highest version of each customer."""
    newest: dict[str, CustomerChanged] = {}
    for received in batch:
        event = received.event
        known = newest.get(event.customer)
        if known is None or event.version > known.version:
            newest[event.customer] = event
    versions = await unit.store.customers.versions(newest)
    await unit.store.customers.write(
        {
            customer: (event.version, event.erased)
            for customer, event in newest.items()
            if event.version > versions.get(customer, 0)
        }
    )
