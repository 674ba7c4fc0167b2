"""The registry changed: whose a device is, and whether its tickets still make sense."""

from collections.abc import Sequence

from services.support.domain.devices.device import registry_changed
from services.support.handlers.faults.working import load, save
from services.support.handlers.ports import Unit
from shared.events import RegistryChanged
from shared.stream.record import Received


async def on_registry_changed(unit: Unit, batch: Sequence[Received[RegistryChanged]]) -> None:
    """Fold the devices; of newly retired ones the open tickets get a timer that resolves them.

    A timer and not a deed: reports from before the retirement may still be on their way.
    """
    store = unit.store
    events = [record.event for record in batch if record.event.kind == "device"]
    held = await store.devices.hold({event.source for event in events})
    devices = dict(held)
    for event in events:
        devices[event.source] = registry_changed(devices[event.source], event)
    await store.devices.write(devices.values())
    retired = [id_ for id_, now in devices.items() if now.retired_at != held[id_].retired_at]
    if not retired:
        return
    works = await load(store, await store.fault_keys.hold_of_devices(retired))
    for work in works.values():
        work.set(retired_at=devices[work.state.device].retired_at)
    await save(unit, works.values())
