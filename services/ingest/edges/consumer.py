"""Which handler takes which topic."""

from collections.abc import Callable, Sequence
from typing import Any

from services.ingest.handlers.erase_customers import erase_customers
from services.ingest.handlers.on_customer_changed import Customers, on_customer_changed
from services.ingest.store.erasing import Erasing
from shared.stream.apply import Handle
from shared.stream.record import Received
from shared.stream.transaction import Transaction


async def erase(tx: Transaction, subjects: Sequence[str]) -> Sequence[str]:
    """Customers are erased."""
    return await erase_customers(subjects, tx.now, Erasing(tx.connection))


def handlers(customers: Callable[[Transaction], Customers]) -> dict[str, Handle]:
    """HANDLERS by topic, in the order of a round.

    Args:
        customers: the store inside a transaction.
    """

    async def customer_changed(tx: Transaction, batch: Sequence[Received[Any]]) -> None:
        await on_customer_changed(batch, customers(tx))

    return {"customer.changed": customer_changed}
