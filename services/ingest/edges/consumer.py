"""Which handler takes which topic."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from services.ingest.handlers.customers.on_customer_changed import on_customer_changed
from services.ingest.handlers.ports import Unit
from shared.stream.record import Received

HANDLERS: dict[str, Callable[[Unit, Sequence[Received[Any]]], Awaitable[None]]] = {
    "customer.changed": on_customer_changed,
}
