"""Which handler takes which topic, and what is due when a day ends."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from services.analytics.handlers.close_days import close_days as close_due_day
from services.analytics.handlers.erase_customers import erase_customers
from services.analytics.handlers.on_app_usage import on_app_usage
from services.analytics.handlers.on_customer_changed import on_customer_changed
from services.analytics.handlers.on_device_fault import on_device_fault
from services.analytics.handlers.on_device_lifecycle import on_device_lifecycle
from services.analytics.handlers.on_device_usage import on_device_usage
from services.analytics.handlers.on_registry_changed import on_registry_changed
from services.analytics.handlers.on_support_activity import on_support_activity
from services.analytics.store.store import Store
from shared.stream.record import Received
from shared.stream.transaction import Transaction

Batch = Sequence[Received[Any]]


async def customers(tx: Transaction, batch: Batch) -> None:
    """`customer.changed`: zone, region, plan."""
    await on_customer_changed(batch, Store(tx.connection))


async def registry(tx: Transaction, batch: Batch) -> None:
    """`registry.changed`: devices owned, model."""
    await on_registry_changed(batch, Store(tx.connection))


async def usage(tx: Transaction, batch: Batch) -> None:
    """`device.usage`: uses and heartbeats."""
    await on_device_usage(batch, Store(tx.connection))


async def apps(tx: Transaction, batch: Batch) -> None:
    """`app.usage`: features used, errors."""
    await on_app_usage(batch, Store(tx.connection))


async def faults(tx: Transaction, batch: Batch) -> None:
    """`device.fault`: counted."""
    await on_device_fault(batch, Store(tx.connection))


async def lifecycle(tx: Transaction, batch: Batch) -> None:
    """`device.lifecycle`: ledger only."""
    await on_device_lifecycle(batch)


async def tickets(tx: Transaction, batch: Batch) -> None:
    """`support.activity`: tickets opened, counted."""
    await on_support_activity(batch, Store(tx.connection))


async def erase(tx: Transaction, subjects: Sequence[str]) -> Sequence[str]:
    """Customers are erased."""
    return await erase_customers(subjects, Store(tx.connection))


async def close_days(tx: Transaction) -> int:
    """The region's day that is due."""
    return await close_due_day(tx.now, Store(tx.connection), tx.emit)


HANDLERS: dict[str, Callable[[Transaction, Batch], Awaitable[None]]] = {
    "customer.changed": customers,
    "registry.changed": registry,
    "device.usage": usage,
    "app.usage": apps,
    "device.fault": faults,
    "device.lifecycle": lifecycle,
    "support.activity": tickets,
}
