"""A customer read a help article in the app."""

from typing import ClassVar

from shared.events.event import Stream, Telemetry, Text


class HelpViewed(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="help_viewed"):
    """A customer read a help article in the app.

    Topic `app.usage`, stream `app`.
    """

    TOPIC: ClassVar[str] = "app.usage"
    STREAM: ClassVar[Stream] = "app"

    article: Text
