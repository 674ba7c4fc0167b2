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
    return CustomerListed(**item(row).model_dump(), name=name, plan=row.plan, csm=row.csm)


MASKED = frozenset(
    {
        *("id", "kind", "zone", "region", "stage", "stage_since"),
        *("subscription", "purchases", "terms", "planned", "facts", "history"),
    }
)
"""What of a customer is shown without contact data; a new field is not, until it is named here."""


def masked(shown: CustomerOut) -> CustomerOut:
    """A customer for those who see no contact data."""
    return shown.model_copy(update=dict.fromkeys(set(CustomerOut.model_fields) - MASKED))


def subscription(held: Subscription) -> SubscriptionOut:
    """A subscription."""
    return SubscriptionOut.model_validate(held, from_attributes=True)


def etag(held: Subscription | None) -> str | None:
    """The ETag of a subscription; None: there is none."""
    return None if held is None else etags.of_text(subscription(held).model_dump_json())


def term(present: Term, terms: list[Term], row: Subscription | None) -> TermOut:
    """Something billing said, with the subscription it led to."""
    before = [other for other in terms if not present < other]
    told = standing_at(before, FOREVER, row)
    return TermOut(
        id=present.id,
        kind="renewal" if present.renewal else "subscription",
        at=moment_of(present.at),
        subscription=None if told is None else subscription(told),
    )


def _planned(terms: list[TermOut], purchases: list[PurchaseOut]) -> list[PlannedOut]:
    ahead = [PlannedOut(kind=future.kind, at=future.at, term=future) for future in terms]
    ahead += [PlannedOut(kind="purchase", at=buy.at, purchase=buy) for buy in purchases]
    return sorted(ahead, key=lambda step_ahead: step_ahead.at)


def whole(known: Known) -> CustomerOut:
    """A customer with facts as of now and history."""
    state, now = known.state, known.now
    terms = [term(held_term, state.terms, known.told) for held_term in state.terms]
    bought = [PurchaseOut.model_validate(buy, from_attributes=True) for buy in known.purchases]
    ahead = [buy for buy in bought if seconds(buy.at) > now]
    profile = known.profile
    return CustomerOut(
        **item(known.row).model_dump(),
        profile=None
        if profile is None
        else ProfileOut.model_validate(profile, from_attributes=True),
        subscription=None if known.present is None else subscription(known.present),
        purchases=[buy for buy in bought if seconds(buy.at) <= now],
        terms=[shown_term for shown_term in terms if seconds(shown_term.at) <= now],
        planned=_planned(
            [shown_term for shown_term in terms if seconds(shown_term.at) > now], ahead
        ),
        facts={fact.name: fact.value(state, now) for fact in FACTS},
        history=[EntryOut.model_validate(entry, from_attributes=True) for entry in known.history],
    )
