"""What we know of a customer: the state journey tells, and how often the app called for help."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from services.support.domain.receipt import believed
from shared.events import AppError, CustomerChanged, HelpViewed, Telemetry


class Customer(msgspec.Struct, frozen=True):
    """One customer, without personal data; a placeholder until journey tells of it.

    Attributes:
        version: of the `customer.changed` applied last; 0: none yet.
        app_errors: errors the app showed to the customer, ever.
        help_views: help articles read in the app, ever.
        app_seen_at: when the app was last used, as far as it told us.
    """

    id: str
    version: int = 0
    kind: str | None = None
    zone: str = "UTC"
    region: str | None = None
    plan: str | None = None
    stage: str | None = None
    erased: bool = False
    app_errors: int = 0
    help_views: int = 0
    app_seen_at: datetime | None = None


def customer_changed(customer: Customer, event: CustomerChanged) -> Customer:
    """The customer after journey told its state; an older state changes nothing."""
    if event.version <= customer.version:
        return customer
    return replace(
        customer,
        version=event.version,
        kind=event.kind,
        zone=event.zone,
        region=event.region,
        plan=event.plan,
        stage=event.stage,
        erased=event.erased,
    )


def app_used(customer: Customer, event: Telemetry) -> Customer:
    """The customer after one event of an app."""
    seen, at = customer.app_seen_at, believed(event).at
    return replace(
        customer,
        app_errors=customer.app_errors + isinstance(event, AppError),
        help_views=customer.help_views + isinstance(event, HelpViewed),
        app_seen_at=at if seen is None else max(seen, at),
    )
