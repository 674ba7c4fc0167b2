"""Models and firmware of customers' devices, by which customers are found."""

from collections.abc import Sequence
from typing import Any

from services.journey.domain.customers.device import concerns, fold
from services.journey.handlers.ports import Unit
from shared.stream.record import Received


async def note_devices(unit: Unit, batch: Sequence[Received[Any]]) -> None:
    """Fold what a batch tells of devices; their customers are held already."""
    events = [received.event for received in batch if concerns(received.event)]
    if not events:
        return
    before = await unit.store.devices.hold({event.source for event in events})
    now = dict(before)
    for event in events:
        now[event.source] = fold(now[event.source], event)
    changed = [device for id_, device in sorted(now.items()) if device != before[id_]]
    if changed:
        await unit.store.devices.save(changed)
