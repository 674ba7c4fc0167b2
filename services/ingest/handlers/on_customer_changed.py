"""News of customers: only that they exist, so that a claim can be understood."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from shared.events import CustomerChanged
from shared.stream.record import Received


class Customers(Protocol):
    """What this handler needs of the store."""

    async def versions(self, customers: Iterable[str]) -> dict[str, int]: ...
    async def write(self, changed: Mapping[str, tuple[int, bool]]) -> None: ...


async def on_customer_changed(
    batch: Sequence[Received[CustomerChanged]], customers: Customers
) -> None:
    """Keep the highest version of each customer."""
    newest: dict[str, CustomerChanged] = {}
    for received in batch:
        event = received.event
        known = newest.get(event.customer)
        if known is None or event.version > known.version:
            newest[event.customer] = event
    versions = await customers.versions(newest)
    await customers.write(
        {
            customer: (event.version, event.erased)
            for customer, event in newest.items()
            if event.version > versions.get(customer, 0)
        }
    )
