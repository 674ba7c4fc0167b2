"""What the other services may know of a customer: no personal data."""

from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from shared.events.event import News


class Subscription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The customer's subscription as billing told us.

    Attributes:
        renews_at: when the current term ends.
        price_month: in the vendor's currency, >= 0.
    """

    plan: str
    started_at: datetime
    status: Literal["trial", "active", "cancelled", "ended"] = "active"
    renews_at: datetime | None = None
    price_month: float = 0.0


class CustomerChanged(News, frozen=True, kw_only=True, omit_defaults=True, tag="customer_changed"):
    """The whole present state of a customer, without names or addresses.

    Topic `customer.changed`, compacted; key `c:<customer>`. Consumers apply only a higher
    `version`: that is their duplicate check.

    Attributes:
        zone: IANA time zone of the customer's days.
        plan: the subscription's plan, `none` without one.
    """

    TOPIC: ClassVar[str] = "customer.changed"

    customer: str
    version: int
    kind: Literal["household", "business"] = "household"
    zone: str = "UTC"
    region: str = "default"
    plan: str = "none"
    stage: str | None = None
    subscription: Subscription | None = None
    purchases: int = 0
    first_purchase_at: datetime | None = None
    erased: bool = False
