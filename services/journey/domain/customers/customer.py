"""A customer as journey holds one while deciding, and a new one as it is handed in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shared.events.customer_changed import Subscription

Kind = Literal["household", "business"]


@dataclass(slots=True)
class Customer:
    """One locked row.

    Attributes:
        known: handed in by the CRM; False: only heard of in an event.
        since: when `stage` was entered, epoch seconds.
        entries: how many entries the stage history has.
        evaluated: the moment the history is known up to, epoch seconds.
        due: when the timer fires at the latest, epoch seconds; it may fire for nothing.
        routine: span (exclusive, epoch seconds) in which one more use changes sums only.
        version: of the newest `customer.changed`.
        republish: when `customer.changed` is published again, None before the first time.
    """

    id: str
    known: bool
    kind: Kind
    zone: str
    region: str
    stage: str | None
    since: int | None
    entries: int
    evaluated: int
    due: int | None
    uses: int
    last_use: int
    routine: tuple[int, int]
    version: int
    republish: datetime | None

    def known_up_to(self, now: int) -> int:
        """The moment everything told about the customer is as of, epoch seconds."""
        return max(now, self.evaluated)


@dataclass(frozen=True, slots=True)
class Purchase:
    """Something a customer bought; `price` in the vendor's currency."""

    product: str
    at: datetime
    price: float = 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """Personal data: stays in one table, never travels."""

    name: str
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer as handed in by API or CSV.

    Attributes:
        cause: what asked for it: ids of purchases are derived from it.
    """

    id: str
    profile: Profile
    cause: str
    kind: Kind = "household"
    zone: str = "UTC"
    region: str = "default"
    subscription: Subscription | None = None
    purchases: list[Purchase] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A subscription was renewed at `at` and now runs until `renews_at`."""

    customer: str
    at: datetime
    renews_at: datetime


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a customer has bought, as `customer.changed` tells it."""

    subscription: Subscription | None = None
    purchases: int = 0
    first_purchase_at: datetime | None = None
