"""A shop or a billing system: how what it sends is to be understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.journey.domain.renewals.outcome import Reason


class Means(StrEnum):
    """What an event of a shop is to us."""

    #: something was bought
    PURCHASE = "purchase"
    #: a subscription began, or is another one from then on
    SUBSCRIPTION = "subscription"
    #: a subscription was renewed
    RENEWAL = "renewal"
    #: a subscription is cancelled
    CANCELLATION = "cancellation"
    #: a payment did not come through
    FAILED_PAYMENT = "failed payment"
    #: money was paid back
    REFUND = "refund"


NEEDED: Mapping[Means, tuple[str, ...]] = {
    Means.PURCHASE: ("product",),
    Means.SUBSCRIPTION: ("plan",),
    Means.RENEWAL: ("renews_at",),
    Means.CANCELLATION: (),
    Means.FAILED_PAYMENT: (),
    Means.REFUND: ("order", "product"),
}
"""Fields that each needs, beside `customer` and `at`."""
OPTIONAL: Mapping[Means, tuple[str, ...]] = {
    Means.PURCHASE: ("price",),
    Means.SUBSCRIPTION: ("started_at", "renews_at", "price_month"),
    Means.RENEWAL: (),
    Means.CANCELLATION: ("reason",),
    Means.FAILED_PAYMENT: (),
    Means.REFUND: ("price",),
}
"""Fields that each may have."""
TIMES = frozenset({"at", "started_at", "renews_at"})
PRICES = frozenset({"price", "price_month"})


@dataclass(frozen=True, slots=True)
class Telling:
    """How one kind of events is to be understood.

    Attributes:
        of_each: where a list is that has one of these in every member; empty: it is one.
        fields: our field -> where it stands; with a leading dot, in the member.
        reasons: their word for why somebody cancels -> ours; any other is `other`.
    """

    means: Means
    of_each: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shop:
    """One of them.

    Attributes:
        kind: where a body says what has happened.
        cents: prices are hundredths.
        events: by what stands at `kind`; what is not there is of no matter to us.
    """

    name: str
    says: str
    kind: str
    cents: bool = False
    events: Mapping[str, Telling] = field(default_factory=dict)
