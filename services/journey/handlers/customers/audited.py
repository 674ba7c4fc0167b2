"""What the audit says of changes here: of personal data the names of the fields, never a value."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import asdict

from services.journey.domain.customers.customer import NewCustomer, Purchase
from services.journey.domain.customers.state import Term
from services.journey.domain.days import moment_of
from services.journey.handlers.ports import Unit
from shared.audited import difference
from shared.events.customer_changed import Subscription

KIND = "customer"


def created(unit: Unit, new: NewCustomer) -> None:
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
    unit.audit("customer.create", KIND, new.id, after=after)


def read(unit: Unit, customer: str) -> None:
    """Somebody was shown a profile."""
    unit.audit("customer.read", KIND, customer)


def profiled(unit: Unit, customer: str, changed: Sequence[str]) -> None:
    """Somebody told us anew who a customer is, or how to reach them."""
    unit.audit("customer.profile", KIND, customer, after={"changed": list(changed)})


def listed(unit: Unit, customers: Sequence[str]) -> None:
    """Somebody was shown names in a list."""
    if customers:
        unit.audit("customer.list", KIND, "*", after={"customers": list(customers)})


def bought(unit: Unit, customer: str, purchase: str, bought_now: Purchase) -> None:
    """Somebody told us of a purchase."""
    unit.audit("customer.purchase", KIND, customer, after=_of(purchase, bought_now))


def subscribed(
    unit: Unit, action: str, customer: str, before: Subscription | None, after: Subscription,
    at: datetime | None,
) -> None:  # fmt: skip
    """Somebody told us of another subscription, or of a renewal, from `at` on."""
    known: dict[str, Any] = {} if before is None else asdict(before)
    was, became = difference(known, asdict(after))
    if at is not None:
        became["at"] = at
    unit.audit(f"customer.{action}", KIND, customer, before=was, after=became)


def corrected(
    unit: Unit, customer: str, purchase: str, before: Purchase, after: Purchase, why: str
) -> None:
    """Somebody told us what a purchase was in truth."""
    was, became = difference(_of("", before), _of("", after))
    became["purchase"] = purchase
    unit.audit("customer.correct_purchase", KIND, customer, before=was, after=became, why=why)


def withdrawn(unit: Unit, customer: str, purchase: str, before: Purchase, why: str) -> None:
    """Somebody told us that a purchase never was."""
    was = _of(purchase, before)
    unit.audit("customer.withdraw_purchase", KIND, customer, before=was, why=why)


def unsubscribed(unit: Unit, customer: str, term: Term, why: str) -> None:
    """Somebody told us that a change of the subscription never was, or will not be."""
    told = {} if term.given is None else asdict(term.given)
    before = {**told, "term": term.id, "status": term.status, "at": moment_of(term.at)}
    unit.audit("customer.withdraw_term", KIND, customer, before=before, why=why)


def _of(purchase: str, bought_now: Purchase) -> dict[str, Any]:
    return {
        "purchase": purchase,
        "product": bought_now.product,
        "at": bought_now.at,
        "price": bought_now.price,
    }
