"""Customers handed in by the CRM, one or a few hundred at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

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
    now = seconds(desk.now)
    uses = await desk.customers.take_quarters([one.id for one in fresh])
    works = [_create(held[one.id], states[one.id], one, uses[one.id], now) for one in fresh]
    await desk.owned.save_profiles({one.id: one.profile for one in fresh})
    await desk.owned.add_purchases(
        [
            (purchase_id(one.cause, n), one.id, bought)
            for one in fresh
            for n, bought in enumerate(one.purchases)
        ]
    )
    await settle(desk, works)
    return LeftOut(known, erased)


def _create(customer: Customer, state: State, new: NewCustomer, uses: list[Mark], now: int) -> Work:
    work = Work(customer, state, new.cause, now, changed=True)
    customer.known, customer.kind = True, new.kind
    customer.zone, customer.region = new.zone, new.region
    work.fold(lambda known: fold.move_zone(known, new.zone, uses), new.cause)
    for n, bought in enumerate(new.purchases):
        fold_purchase(work, bought, purchase_id(new.cause, n))
    if new.subscription is not None:
        told = new.subscription
        fold_subscription(work, told, told.started_at, new.cause)
    return work


def purchase_id(cause: str, n: int) -> str:
    """The id of the n-th purchase of one request."""
    return ids.derived(SERVICE, cause, "purchase", n)


def fold_purchase(work: Work, bought: Purchase, id_: str) -> None:
    """Fold a purchase; it is the cause of what it changes."""
    mark = Mark(seconds(bought.at), f"purchase:{id_}")
    work.fold(lambda state: fold.purchase(state, mark), work.cause)


def fold_subscription(work: Work, told: Subscription, at: datetime, cause: str) -> None:
    """Fold the subscription as it is from `at` on."""
    renews = None if told.renews_at is None else seconds(told.renews_at)
    term = _named(work, Term(seconds(at), cause, told.status, renews, False, told, at.microsecond))
    work.fold(lambda state: fold.subscribe(state, term), work.cause)


def renewed(work: Work, at: datetime, renews_at: datetime, cause: str) -> Term:
    """That the subscription was renewed at `at`."""
    fine = at.microsecond
    return _named(work, Term(seconds(at), cause, "active", seconds(renews_at), True, None, fine))


def _named(work: Work, term: Term) -> Term:
    """The term under its id, after those of the same moment."""
    moment = (term.at, term.fine)
    same = [one.turn for one in work.state.terms if (one.at, one.fine) == moment]
    id_ = ids.derived(SERVICE, term.cause, f"term/{work.customer.id}")
    kind = "renewal" if term.renewal else "subscription"
    turn = max(same, default=-1) + 1
    return msgspec.structs.replace(term, cause=f"{kind}:{id_}", turn=turn)
