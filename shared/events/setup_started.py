"""Somebody began to set the device up."""

from typing import ClassVar

from shared.events.event import Stream, Telemetry


class SetupStarted(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="setup_started"):
    """Somebody began to set the device up.

    Topic `device.lifecycle`, stream `lifecycle`.
    """

    TOPIC: ClassVar[str] = "device.lifecycle"
    STREAM: ClassVar[Stream] = "lifecycle"
