"""Which handler takes which topic."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from services.support.handlers.customers.on_app_usage import on_app_usage
from services.support.handlers.customers.on_customer_changed import on_customer_changed
from services.support.handlers.devices.on_device_lifecycle import on_device_lifecycle
from services.support.handlers.devices.on_registry_changed import on_registry_changed
from services.support.handlers.faults.on_device_fault import on_device_fault
from services.support.handlers.ports import Unit
from shared.stream.record import Received

HANDLERS: dict[str, Callable[[Unit, Sequence[Received[Any]]], Awaitable[None]]] = {
    "registry.changed": on_registry_changed,
    "device.lifecycle": on_device_lifecycle,
    "customer.changed": on_customer_changed,
    "app.usage": on_app_usage,
    "device.fault": on_device_fault,
}
