"""A customer is erased: every service forgets them, for good, and says when it has."""

from typing import ClassVar

from shared.events.event import News


class Erased(News, frozen=True, kw_only=True, omit_defaults=True, tag="erased"):
    """Topic `customer.changed`, compacted: it takes the place of the customer's state for ever.

    Key `c:<customer>`. Told again until all services have answered, and daily after that, so that
    a restored database hears of it. The runtime applies it before any handler sees the batch
    (shared/stream/erasure.py).

    Attributes:
        at: when the erasure was asked for.
    """

    TOPIC: ClassVar[str] = "customer.changed"

    customer: str
