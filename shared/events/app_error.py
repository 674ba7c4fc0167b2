"""The app showed an error to the customer."""

from typing import ClassVar

from shared.events.event import Code, Stream, Telemetry


class AppError(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="app_error"):
    """The app showed an error to the customer.

    Topic `app.usage`, stream `app`.
    """

    TOPIC: ClassVar[str] = "app.usage"
    STREAM: ClassVar[Stream] = "app"

    code: Code
