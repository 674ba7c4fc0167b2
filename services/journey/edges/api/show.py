"""What is known, as the API shows it."""

from typing import Any

from services.journey.domain.customers.state import Term
from services.journey.domain.customers.subscription import subscription as standing_at
from services.journey.domain.days import moment_of, seconds
from services.journey.domain.facts import FACTS
from services.journey.domain.stages.timeline import FOREVER
from services.journey.edges.api.models import (
    CustomerItem,
    CustomerListed,
    CustomerOut,
    EntryOut,
    PlannedOut,
    ProfileOut,
    PurchaseOut,
    SubscriptionOut,
    TermOut,
)
from services.journey.handlers.customers.read_customers import Known
from shared.events.customer_changed import Subscription
from shared.web import etags


def item(row: Any) -> CustomerItem:
    """A customer without personal data."""
    return CustomerItem(
        id=row.id, kind=row.kind, zone=row.zone, region=row.region, stage=row.stage,
        stage_since=row.stage_since,
    )  # fmt: skip


def listed(row: Any, *, named: bool) -> CustomerListed:
    """A customer in a list; with the name for those who see it."""
    name = row.name if named else None
    return CustomerListed(**item(row).model_dump(), name=name, plan=row.plan)


MASKED = frozenset(
    {
        *("id", "kind", "zone", "region", "stage", "stage_since"),
        *("subscription", "purchases", "terms", "planned", "facts", "history"),
    }
)
"""What of a customer is shown without contact data; a new field is not, until it is named here."""


def masked(found: CustomerOut) -> CustomerOut:
    """A customer for those who see no contact data."""
    return found.model_copy(update=dict.fromkeys(set(CustomerOut.model_fields) - MASKED))


def subscription(found: Subscription) -> SubscriptionOut:
    """A subscription."""
    return SubscriptionOut.model_validate(found, from_attributes=True)


def etag(found: Subscription | None) -> str | None:
    """The ETag of a subscription; None: there is none."""
    return None if found is None else etags.of_text(subscription(found).model_dump_json())


def term(found: Term, terms: list[Term], row: Subscription | None) -> TermOut:
    """Something billing said, with the subscription it led to."""
    before = [one for one in terms if not found < one]
    told = standing_at(before, FOREVER, row)
    return TermOut(
        id=found.id,
        kind="renewal" if found.renewal else "subscription",
        at=moment_of(found.at),
        subscription=None if told is None else subscription(told),
    )


def _planned(terms: list[TermOut], purchases: list[PurchaseOut]) -> list[PlannedOut]:
    ahead = [PlannedOut(kind=one.kind, at=one.at, term=one) for one in terms]
    ahead += [PlannedOut(kind="purchase", at=one.at, purchase=one) for one in purchases]
    return sorted(ahead, key=lambda one: one.at)


def whole(known: Known) -> CustomerOut:
    """A customer with facts as of now and history."""
    state, now = known.state, known.now
    terms = [term(one, state.terms, known.told) for one in state.terms]
    bought = [PurchaseOut.model_validate(one, from_attributes=True) for one in known.purchases]
    ahead = [one for one in bought if seconds(one.at) > now]
    profile = known.profile
    return CustomerOut(
        **item(known.row).model_dump(),
        profile=None
        if profile is None
        else ProfileOut.model_validate(profile, from_attributes=True),
        subscription=None if known.present is None else subscription(known.present),
        purchases=[one for one in bought if seconds(one.at) <= now],
        terms=[one for one in terms if seconds(one.at) <= now],
        planned=_planned([one for one in terms if seconds(one.at) > now], ahead),
        facts={fact.name: fact.value(state, now) for fact in FACTS},
        history=[EntryOut.model_validate(one, from_attributes=True) for one in known.history],
    )
