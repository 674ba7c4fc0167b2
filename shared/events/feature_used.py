"""A customer used a feature of the app."""

from typing import ClassVar

from shared.events.event import Count, Stream, Telemetry, Text


class FeatureUsed(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="feature_used"):
    """A customer used a feature of the app.

    Topic `app.usage`, stream `app`. A meaningful use.
    """

    TOPIC: ClassVar[str] = "app.usage"
    STREAM: ClassVar[Stream] = "app"

    feature: Text
    count: Count = 1
    """How many uses this event stands for."""
