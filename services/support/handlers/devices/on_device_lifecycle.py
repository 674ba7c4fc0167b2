"""A device went through set-up, firmware or integrations: support remembers its firmware."""

from collections.abc import Sequence

from services.support.domain.devices.device import firmware_updated
from services.support.handlers.ports import Unit
from shared.events import FirmwareUpdated, Telemetry
from shared.stream.record import Received


async def on_device_lifecycle(unit: Unit, batch: Sequence[Received[Telemetry]]) -> None:
    """Fold the newest firmware into each device; unclaimed events have no effect."""
    events = [
        record.event
        for record in batch
        if isinstance(record.event, FirmwareUpdated) and record.event.customer is not None
    ]
    if not events:
        return
    held = await unit.store.devices.hold({event.source for event in events})
    for event in events:
        held[event.source] = firmware_updated(held[event.source], event)
    await unit.store.devices.write(held.values())
