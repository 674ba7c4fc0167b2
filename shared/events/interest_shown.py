"""A customer showed interest in another product or plan."""

from typing import ClassVar

from shared.events.event import Stream, Telemetry, Text


class InterestShown(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="interest_shown"):
    """A customer showed interest in another product or plan.

    Topic `app.usage`, stream `app`.
    """

    TOPIC: ClassVar[str] = "app.usage"
    STREAM: ClassVar[Stream] = "app"

    product: Text
