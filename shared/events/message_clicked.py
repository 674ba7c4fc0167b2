"""A customer opened what a message in the app leads to."""

from typing import ClassVar

from shared.events.event import Stream, Telemetry, Text


class MessageClicked(
    Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="message_clicked"
):
    """A customer opened what a message in the app leads to.

    Topic `app.usage`, stream `app`. `message` is the id that came with it on `down`.
    """

    TOPIC: ClassVar[str] = "app.usage"
    STREAM: ClassVar[Stream] = "app"

    message: Text
