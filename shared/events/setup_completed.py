"""The device is set up and ready to be used."""

from typing import Annotated, ClassVar

import msgspec

from shared.events.event import Stream, Telemetry


class SetupCompleted(
    Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="setup_completed"
):
    """The device is set up and ready to be used.

    Topic `device.lifecycle`, stream `lifecycle`.
    """

    TOPIC: ClassVar[str] = "device.lifecycle"
    STREAM: ClassVar[Stream] = "lifecycle"

    took_s: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """Seconds from start to completion."""
