"""A step of the set-up in the app was started, done, failed or given up."""

from typing import ClassVar, Literal

from shared.events.event import Stream, Telemetry, Text


class SetupStep(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="setup_step"):
    """A step of the set-up in the app was started, done, failed or given up.

    Topic `app.usage`, stream `app`.
    """

    TOPIC: ClassVar[str] = "app.usage"
    STREAM: ClassVar[Stream] = "app"

    step: Text
    result: Literal["started", "done", "failed", "abandoned"] = "done"
    device: Text | None = None
