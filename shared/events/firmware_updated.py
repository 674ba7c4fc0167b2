"""The device runs another firmware now."""

from typing import ClassVar

from shared.events.event import Stream, Telemetry, Text


class FirmwareUpdated(
    Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="firmware_updated"
):
    """The device runs another firmware now.

    Topic `device.lifecycle`, stream `lifecycle`.
    """

    TOPIC: ClassVar[str] = "device.lifecycle"
    STREAM: ClassVar[Stream] = "lifecycle"

    to_firmware: Text
    from_firmware: Text | None = None
