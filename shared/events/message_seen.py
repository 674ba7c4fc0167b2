"""A customer saw a message in the app."""

from typing import ClassVar

from shared.events.event import Stream, Telemetry, Text


class MessageSeen(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="message_seen"):
    """A customer saw a message in the app.

    Topic `app.usage`, stream `app`. `message` is the id that came with it on `down`.
    """

    TOPIC: ClassVar[str] = "app.usage"
    STREAM: ClassVar[Stream] = "app"

    message: Text
