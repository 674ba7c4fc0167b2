"""A device reports a fault, as often as it repeats."""

from typing import Annotated, ClassVar, Literal

import msgspec

from shared.events.event import Code, Stream, Telemetry


class Fault(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="fault"):
    """A device reports a fault, as often as it repeats.

    Topic `device.fault`, stream `fault`. Key: the device, so its faults stay in order.
    """

    TOPIC: ClassVar[str] = "device.fault"
    STREAM: ClassVar[Stream] = "fault"

    code: Code
    """Part of the fault key, with `component`."""
    component: Annotated[str, msgspec.Meta(max_length=64)] = ""
    severity: Literal["info", "warning", "error", "critical"] = "error"
    temperature_c: float | None = None
