"""What a device is, whose, and what it runs: folded so that any order of the events gives the same."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.events import FirmwareUpdated, RegistryChanged

Told = RegistryChanged | FirmwareUpdated


@dataclass(frozen=True, slots=True)
class Device:
    """One device.

    Attributes:
        version: of its owner in the registry; 0: the registry has not spoken yet.
        firmware_at: since when it runs it; None: nobody has told, it was given out with it.
    """

    id: str
    version: int = 0
    customer: str | None = None
    model: str | None = None
    firmware: str | None = None
    firmware_at: datetime | None = None


def concerns(event: object) -> bool:
    """Whether an event tells of a device that is or was somebody's."""
    if isinstance(event, FirmwareUpdated):
        return event.customer is not None
    if not isinstance(event, RegistryChanged) or event.kind != "device":
        return False
    return event.customer is not None or event.previous_customer is not None


def fold(device: Device, event: Told) -> Device:
    """The device after one event."""
    if isinstance(event, FirmwareUpdated):
        return _updated(device, event)
    told = event.change == "registered" or event.adopted == "firmware_updated"
    if told or device.firmware is None:
        device = _runs(device, event.firmware, event.at if told else None)
    device = replace(device, model=device.model or event.model)
    if event.version <= device.version:
        return device
    return replace(device, version=event.version, customer=event.customer)


def _updated(device: Device, event: FirmwareUpdated) -> Device:
    after = _runs(device, event.to_firmware, event.at)
    if device.version == 0 and after is not device:  # its owner, until the registry speaks
        return replace(after, customer=event.customer, model=device.model or event.model)
    return after


def _runs(device: Device, firmware: str | None, at: datetime | None) -> Device:
    """The newest firmware by time holds; of two of the same moment the greater text."""
    if firmware is None or _order(firmware, at) <= _order(device.firmware, device.firmware_at):
        return device
    return replace(device, firmware=firmware, firmware_at=at)


def _order(firmware: str | None, at: datetime | None) -> tuple[float, str]:
    return (float("-inf") if at is None else at.timestamp(), firmware or "")
