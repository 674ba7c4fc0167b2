"""A device was used, by a person or by automation."""

from typing import ClassVar, Literal

from shared.events.event import Count, Stream, Telemetry


class Usage(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="usage"):
    """A device was used, by a person or by automation.

    Topic `device.usage`, stream `usage`. Meaningful when `by` is `person`.
    """

    TOPIC: ClassVar[str] = "device.usage"
    STREAM: ClassVar[Stream] = "usage"

    by: Literal["person", "automation"]
    command: str | None = None
    """What was done, e.g. `unlock`, `live_view`."""
    count: Count = 1
    """How many uses this event stands for."""
