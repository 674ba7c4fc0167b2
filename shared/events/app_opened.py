"""A customer opened the app."""

from typing import ClassVar

from shared.events.event import Stream, Telemetry


class AppOpened(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="app_opened"):
    """A customer opened the app.

    Topic `app.usage`, stream `app`. Not a meaningful use by itself.
    """

    TOPIC: ClassVar[str] = "app.usage"
    STREAM: ClassVar[Stream] = "app"
