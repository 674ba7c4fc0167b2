"""A customer rated the product in the app."""

from typing import Annotated, ClassVar

import msgspec

from shared.events.event import Stream, Telemetry


class Rating(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="rating"):
    """A customer rated the product in the app.

    Topic `app.usage`, stream `app`.
    """

    TOPIC: ClassVar[str] = "app.usage"
    STREAM: ClassVar[Stream] = "app"

    stars: Annotated[int, msgspec.Meta(ge=1, le=5)]
