"""What the audit says of changes here: of personal data the names of the fields, never a value."""

from typing import Any

from msgspec.structs import asdict

from services.journey.domain.customer import NewCustomer, Purchase
from shared.db.audit import Entry
from shared.events.customer_changed import Subscription
from shared.web.audit import difference, entry
from shared.web.who import Who

KIND = "customer"


def created(who: Who, new: NewCustomer) -> Entry:
    """Somebody handed a customer in."""
    profile = new.profile
    after = {
        "kind": new.kind,
        "zone": new.zone,
        "region": new.region,
        "profile": [name for name in profile.__slots__ if getattr(profile, name) is not None],
        "subscription": None if new.subscription is None else asdict(new.subscription),
        "purchases": len(new.purchases),
    }
    return entry(who, "customer.create", KIND, new.id, after=after)


def bought(who: Who, customer: str, purchase: str, one: Purchase) -> Entry:
    """Somebody told us of a purchase."""
    after = {"purchase": purchase, "product": one.product, "at": one.at, "price": one.price}
    return entry(who, "customer.purchase", KIND, customer, after=after)


def subscribed(
    who: Who, action: str, customer: str, before: Subscription | None, after: Subscription
) -> Entry:
    """Somebody told us of another subscription, or of a renewal."""
    known: dict[str, Any] = {} if before is None else asdict(before)
    was, became = difference(known, asdict(after))
    return entry(who, f"customer.{action}", KIND, customer, before=was, after=became)
