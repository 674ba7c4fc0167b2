"""Which handler takes which topic."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from services.analytics.handlers.customers.on_customer_changed import on_customer_changed
from services.analytics.handlers.customers.on_registry_changed import on_registry_changed
from services.analytics.handlers.days.on_app_usage import on_app_usage
from services.analytics.handlers.days.on_device_fault import on_device_fault
from services.analytics.handlers.days.on_device_lifecycle import on_device_lifecycle
from services.analytics.handlers.days.on_device_usage import on_device_usage
from services.analytics.handlers.days.on_support_activity import on_support_activity
from services.analytics.handlers.ports import Unit
from shared.stream.record import Received

HANDLERS: dict[str, Callable[[Unit, Sequence[Received[Any]]], Awaitable[None]]] = {
    "customer.changed": on_customer_changed,
    "registry.changed": on_registry_changed,
    "device.usage": on_device_usage,
    "app.usage": on_app_usage,
    "device.fault": on_device_fault,
    "device.lifecycle": on_device_lifecycle,
    "support.activity": on_support_activity,
}
