"""A customer shared a referral."""

from typing import ClassVar

from shared.events.event import Stream, Telemetry, Text


class ReferralShared(
    Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="referral_shared"
):
    """A customer shared a referral.

    Topic `app.usage`, stream `app`.
    """

    TOPIC: ClassVar[str] = "app.usage"
    STREAM: ClassVar[Stream] = "app"

    channel: Text = ""
