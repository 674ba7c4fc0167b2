"""Customers handed in by the CRM, one or a few hundred at a time."""

from collections.abc import Sequence
from typing import NamedTuple

from services.journey.domain import fold
from services.journey.domain.customer import Customer, NewCustomer, Purchase
from services.journey.domain.days import seconds
from services.journey.domain.state import Mark, State, Term
from services.journey.handlers.advance import Work, settle
from services.journey.handlers.ports import Desk
from shared import ids
from shared.events.customer_changed import Subscription

SERVICE = "journey"


class LeftOut(NamedTuple):
    """Places of those for whom nothing was done: they exist already, or they are erased."""

    known: list[int]
    erased: list[int]


async def create_customers(desk: Desk, new: Sequence[NewCustomer]) -> LeftOut:
    """Create customers; one only heard of in events so far keeps what is known of it.

    Args:
        new: at most one of each id.
    """
    gone = await desk.customers.erased([one.id for one in new])
    erased = [place for place, one in enumerate(new) if one.id in gone]
    held = await desk.customers.hold([one.id for one in new if one.id not in gone], desk.now)
    known = [place for place, one in enumerate(new) if one.id in held and held[one.id].known]
    fresh = [one for one in new if one.id in held and not held[one.id].known]
    states = await desk.customers.states([held[one.id] for one in fresh])
    works = [_create(held[one.id], states[one.id], one) for one in fresh]
    await desk.owned.save_profiles({one.id: one.profile for one in fresh})
    await desk.owned.save_subscriptions(
        {one.id: one.subscription for one in fresh if one.subscription is not None}
    )
    await desk.owned.add_purchases(
        [
            (purchase_id(one.cause, n), one.id, bought)
            for one in fresh
            for n, bought in enumerate(one.purchases)
        ]
    )
    await settle(desk, works)
    return LeftOut(known, erased)


def _create(customer: Customer, state: State, new: NewCustomer) -> Work:
    work = Work(customer, state, new.cause, changed=True)
    customer.known, customer.kind = True, new.kind
    customer.zone, customer.region = new.zone, new.region
    work.fold(lambda known: fold.move_zone(known, new.zone), new.cause)
    for n, bought in enumerate(new.purchases):
        fold_purchase(work, bought, purchase_id(new.cause, n))
    if new.subscription is not None:
        fold_subscription(work, new.subscription, seconds(new.subscription.started_at), new.cause)
    return work


def purchase_id(cause: str, n: int) -> str:
    """The id of the n-th purchase of one request."""
    return ids.derived(SERVICE, cause, "purchase", n)


def fold_purchase(work: Work, bought: Purchase, id_: str) -> None:
    """Fold a purchase; it is the cause of what it changes."""
    mark = Mark(seconds(bought.at), f"purchase:{id_}")
    work.fold(lambda state: fold.purchase(state, mark), work.cause)


def fold_subscription(
    work: Work, subscription: Subscription, at: int, cause: str, *, renewal: bool = False
) -> None:
    """Fold the subscription as it is from `at` (epoch seconds) on."""
    # why: two changes in one second would be told apart by their causes, not by their order
    while any(term.at == at for term in work.state.terms):
        at += 1
    id_ = ids.derived(SERVICE, cause, f"term/{work.customer.id}")
    renews = None if subscription.renews_at is None else seconds(subscription.renews_at)
    name = f"renewal:{id_}" if renewal else f"subscription:{id_}"
    term = Term(at, name, subscription.status, renews, renewal)
    work.fold(lambda state: fold.subscribe(state, term), work.cause)
