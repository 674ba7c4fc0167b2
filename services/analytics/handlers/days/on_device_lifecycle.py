"""Firmware: which one the device of a customer runs now. Set-up and integrations have no effect."""

from collections.abc import Sequence

from services.analytics.domain.customers.customer import runs
from services.analytics.handlers.ports import Unit
from shared.events import FirmwareUpdated, Telemetry
from shared.stream.record import Received


async def on_device_lifecycle(unit: Unit, batch: Sequence[Received[Telemetry]]) -> None:
    """Keep what devices told of their firmware, of those who own them."""
    told = [
        (record.event.customer, record.event, record.arrival)
        for record in batch
        if isinstance(record.event, FirmwareUpdated) and record.event.customer is not None
    ]
    if not told:
        return
    held = await unit.store.customers.hold({customer for customer, _, _ in told})
    for customer, news, arrival in told:
        held[customer] = runs(held[customer], news, arrival)
    await unit.store.customers.write(held)
