"""A device says that a fault it reported is gone."""

from typing import Annotated, ClassVar

import msgspec

from shared.events.event import Code, Stream, Telemetry


class Recovered(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="recovered"):
    """A device says that a fault it reported is gone.

    Topic `device.fault`, stream `fault`. Key: the device.
    """

    TOPIC: ClassVar[str] = "device.fault"
    STREAM: ClassVar[Stream] = "fault"

    code: Code
    component: Annotated[str, msgspec.Meta(max_length=64)] = ""
