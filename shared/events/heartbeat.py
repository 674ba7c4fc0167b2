"""A device says that it is alive and when it will say so again."""

from typing import Annotated, ClassVar

import msgspec

from shared.events.event import Stream, Telemetry


class Heartbeat(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="heartbeat"):
    """A device says that it is alive and when it will say so again.

    Topic `device.usage`, stream `usage`. Never a use.
    """

    TOPIC: ClassVar[str] = "device.usage"
    STREAM: ClassVar[Stream] = "usage"

    every_s: Annotated[int, msgspec.Meta(ge=1, le=604_800)]
    """Seconds until the next heartbeat is due."""
    battery: (
        Annotated[
            float, msgspec.Meta(ge=0, le=1, description="A share: 1 is full, 1 per cent is 0.01.")
        ]
        | None
    ) = None
    """Charge as a share: 1 is full, 1 per cent is 0.01; 97 is refused, a text too."""
