"""What we know of a device: folded so that any order of the topics gives the same."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from services.support.domain.receipt import believed
from shared.events import FirmwareUpdated, RegistryChanged


class Device(msgspec.Struct, frozen=True):
    """One device as the registry and its own reports tell; a placeholder until they do.

    Attributes:
        customer: the present owner, by the registry's `version`.
        model: as registered; a device never becomes another model.
        firmware_at: when the device came to run `firmware`.
        retired_at: when it was first retired; for good.
        opened_since: when the day began in which it opened tickets last, by receipts.
        opened: how many it opened in that day.
    """

    id: str
    version: int = 0
    customer: str | None = None
    model: str | None = None
    firmware: str | None = None
    firmware_at: datetime | None = None
    retired_at: datetime | None = None
    opened_since: datetime | None = None
    opened: int = 0


def registry_changed(device: Device, event: RegistryChanged) -> Device:
    """The device after one change of the registry, whichever came before."""
    if event.change == "adopted":
        if event.adopted != "firmware_updated":
            return device
        return _runs(device, event.firmware, event.at)
    if event.change == "registered":
        device = _runs(device, event.firmware, event.at)
    if event.change == "retired":
        first = event.at if device.retired_at is None else min(device.retired_at, event.at)
        device = replace(device, retired_at=first)
    if device.model is None:
        device = replace(device, model=event.model)
    if event.version <= device.version:
        return device
    return replace(device, version=event.version, customer=event.customer)


def firmware_updated(device: Device, event: FirmwareUpdated) -> Device:
    """The device after it reported another firmware."""
    return _runs(device, event.to_firmware, believed(event).at)


def _runs(device: Device, firmware: str | None, at: datetime) -> Device:
    """The newest firmware by time holds; of two of the same instant the greater text."""
    if firmware is None:
        return device
    known = (device.firmware_at, device.firmware or "")
    if known[0] is not None and (known[0], known[1]) >= (at, firmware):
        return device
    return replace(device, firmware=firmware, firmware_at=at)
