"""Which handler takes which topic, and what of the store it is given."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.rules import Rules
from services.support.handlers.customers.erase_customers import erase_customers
from services.support.handlers.customers.on_app_usage import on_app_usage
from services.support.handlers.customers.on_customer_changed import on_customer_changed
from services.support.handlers.devices.on_device_lifecycle import on_device_lifecycle
from services.support.handlers.devices.on_registry_changed import on_registry_changed
from services.support.handlers.faults.fire_due import Work, fire_due
from services.support.handlers.faults.on_device_fault import on_device_fault
from services.support.handlers.ports import Emit, Store
from shared import ids
from shared.db import trouble
from shared.events import News
from shared.stream.apply import Handle
from shared.stream.record import Received
from shared.stream.timers import AT_MOST
from shared.stream.transaction import Transaction

Batch = Sequence[Received[Any]]


@dataclass(frozen=True, slots=True)
class Given:
    """What wiring gives to every handler: the store of a connection, and the rules."""

    store: Callable[[AsyncConnection], Store]
    rules: Rules


async def registry(given: Given, tx: Transaction, batch: Batch) -> None:
    """`registry.changed`: owners, models, retirements."""
    await on_registry_changed(batch, given.store(tx.connection), tx.emit)


async def lifecycle(given: Given, tx: Transaction, batch: Batch) -> None:
    """`device.lifecycle`: firmware."""
    await on_device_lifecycle(batch, given.store(tx.connection).devices)


async def customers(given: Given, tx: Transaction, batch: Batch) -> None:
    """`customer.changed`: zone, stage, plan."""
    await on_customer_changed(batch, given.store(tx.connection).customers)


async def apps(given: Given, tx: Transaction, batch: Batch) -> None:
    """`app.usage`: errors and calls for help."""
    await on_app_usage(batch, given.store(tx.connection).customers)


async def faults(given: Given, tx: Transaction, batch: Batch) -> None:
    """`device.fault`: tickets."""
    await on_device_fault(batch, given.store(tx.connection), tx.emit, given.rules)


async def erase(given: Given, tx: Transaction, subjects: Sequence[str]) -> Sequence[str]:
    """Customers are erased."""
    return await erase_customers(subjects, tx.now, given.store(tx.connection), tx.emit)


async def timers(given: Given, tx: Transaction, limit: int = AT_MOST) -> int:
    """What fell due on fault keys."""
    store = given.store(tx.connection)
    return await fire_due(tx.now, store, tx.emit, given.rules, limit, attempt=partial(_attempt, tx))


async def _attempt(tx: Transaction, work: Work, emit: Emit) -> Exception | None:
    """Within a savepoint; what is told is told when all of it has happened."""
    told: list[Callable[[], str]] = []

    def later(event: News, *, key: str, cause: str, kind: str, n: int = 0) -> str:
        told.append(partial(emit, event, key=key, cause=cause, kind=kind, n=n))
        return ids.derived(tx.service, cause, kind, n)

    try:
        async with tx.connection.begin_nested():
            await work(later)
    except Exception as error:
        if trouble.is_passing(error):
            raise
        return error
    for each in told:
        each()
    return None


HANDLERS: dict[str, Callable[[Given, Transaction, Batch], Awaitable[None]]] = {
    "registry.changed": registry,
    "device.lifecycle": lifecycle,
    "customer.changed": customers,
    "app.usage": apps,
    "device.fault": faults,
}


def bound(given: Given) -> dict[str, Handle]:
    """The handlers as the run loop calls them, in the order of a round."""
    return {topic: partial(handler, given) for topic, handler in HANDLERS.items()}
