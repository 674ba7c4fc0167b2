"""The device was unlinked from another platform."""

from typing import ClassVar

from shared.events.event import Platform, Stream, Telemetry


class IntegrationUnlinked(
    Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="integration_unlinked"
):
    """The device was unlinked from another platform.

    Topic `device.lifecycle`, stream `lifecycle`.
    """

    TOPIC: ClassVar[str] = "device.lifecycle"
    STREAM: ClassVar[Stream] = "lifecycle"

    platform: Platform
