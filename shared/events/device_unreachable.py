"""One device is not heard any more while its owner goes on using others; or it is heard again."""

from datetime import date
from typing import ClassVar

from shared.events.event import News


class DeviceUnreachable(
    News, frozen=True, kw_only=True, omit_defaults=True, tag="device_unreachable"
):
    """A device of a customer who is heard has not been heard for a week. Topic `analytics.finding`; key `c:<customer>`.

    Unplugged, broken, or out of the network: the customer is not judged by it. Of whom nothing at all
    is heard, `risk_changed` tells with `why: device_unreachable`.

    Attributes:
        since: the day of UTC on which it was heard last.
        day: the customer's local day whose closing told.
        over: it is heard again, or no longer the customer's.
    """

    TOPIC: ClassVar[str] = "analytics.finding"

    customer: str
    device: str
    since: date
    day: date
    over: bool = False
