"""What the audit says of changes here: of personal data the names of the fields, never a value."""

from datetime import datetime
from typing import Any

from msgspec.structs import asdict

from services.journey.domain.customer import NewCustomer, Purchase
from services.journey.domain.days import moment_of
from services.journey.domain.state import Term
from shared.audited import difference, entry
from shared.db.audit import Entry
from shared.events.customer_changed import Subscription
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


def read(who: Who, customer: str) -> Entry:
    """Somebody was shown a profile."""
    return entry(who, "customer.read", KIND, customer)


def bought(who: Who, customer: str, purchase: str, one: Purchase) -> Entry:
    """Somebody told us of a purchase."""
    return entry(who, "customer.purchase", KIND, customer, after=_of(purchase, one))


def subscribed(
    who: Who, action: str, customer: str, before: Subscription | None, after: Subscription,
    at: datetime | None,
) -> Entry:  # fmt: skip
    """Somebody told us of another subscription, or of a renewal, from `at` on."""
    known: dict[str, Any] = {} if before is None else asdict(before)
    was, became = difference(known, asdict(after))
    if at is not None:
        became["at"] = at
    return entry(who, f"customer.{action}", KIND, customer, before=was, after=became)


def _of(purchase: str, one: Purchase) -> dict[str, Any]:
    return {"purchase": purchase, "product": one.product, "at": one.at, "price": one.price}


def corrected(
    who: Who, customer: str, purchase: str, before: Purchase, after: Purchase, why: str
) -> Entry:
    """Somebody told us what a purchase was in truth."""
    was, became = difference(_of("", before), _of("", after))
    became["purchase"] = purchase
    return entry(
        who, "customer.correct_purchase", KIND, customer, before=was, after=became, why=why
    )


def withdrawn(who: Who, customer: str, purchase: str, before: Purchase, why: str) -> Entry:
    """Somebody told us that a purchase never was."""
    return entry(
        who, "customer.withdraw_purchase", KIND, customer, before=_of(purchase, before), why=why
    )


def unsubscribed(who: Who, customer: str, term: Term, why: str) -> Entry:
    """Somebody told us that a change of the subscription never was, or will not be."""
    told = {} if term.given is None else asdict(term.given)
    before = {**told, "term": term.id, "status": term.status, "at": moment_of(term.at)}
    return entry(who, "customer.withdraw_term", KIND, customer, before=before, why=why)
