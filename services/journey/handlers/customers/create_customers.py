"""Customers handed in by the CRM, one or a few hundred at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.journey.domain.customers import fold
from services.journey.domain.customers.customer import Customer, NewCustomer, Purchase
from services.journey.domain.customers.state import Mark, State, Term
from services.journey.domain.days import seconds
from services.journey.errors import CustomerErased
from services.journey.handlers.customers import audited
from services.journey.handlers.ports import Unit
from services.journey.handlers.stages.advance import Work, update_stages
from services.journey.handlers.stages.on_stages import on_stages
from shared import ids
from shared.errors import Exists
from shared.events.customer_changed import Subscription

SERVICE = "journey"


class LeftOut(NamedTuple):
    """Places of those for whom nothing was done: they exist already, or they are erased."""

    known: list[int]
    erased: list[int]


async def create_customers(unit: Unit, new: Sequence[NewCustomer]) -> LeftOut:
    """Create customers; one only heard of in events so far keeps what is known of it.

    Args:
        new: at most one of each id.
    """
    gone = await unit.store.customers.erased([wanted.id for wanted in new])
    erased = [place for place, wanted in enumerate(new) if wanted.id in gone]
    held = await unit.store.customers.hold(
        [wanted.id for wanted in new if wanted.id not in gone], unit.now
    )
    known = [
        place for place, wanted in enumerate(new) if wanted.id in held and held[wanted.id].known
    ]
    fresh = [wanted for wanted in new if wanted.id in held and not held[wanted.id].known]
    states = await unit.store.customers.states([held[wanted.id] for wanted in fresh])
    now = seconds(unit.now)
    uses = await unit.store.customers.take_quarters([wanted.id for wanted in fresh])
    works = [
        _create(held[wanted.id], states[wanted.id], wanted, uses[wanted.id], now)
        for wanted in fresh
    ]
    await unit.store.owned.save_profiles({wanted.id: wanted.profile for wanted in fresh})
    await unit.store.products.note(
        bought.product for wanted in fresh for bought in wanted.purchases
    )
    await unit.store.owned.add_purchases(
        [
            (purchase_id(wanted.cause, n), wanted.id, bought)
            for wanted in fresh
            for n, bought in enumerate(wanted.purchases)
        ]
    )
    await on_stages(unit, await update_stages(unit, works))
    for wanted in fresh:
        audited.created(unit, wanted)
    return LeftOut(known, erased)


async def create_customer(unit: Unit, new: NewCustomer) -> None:
    """Create one. Raises: CustomerErased; Exists."""
    left = await create_customers(unit, [new])
    if left.erased:
        raise CustomerErased(new.id)
    if left.known:
        raise Exists("customer", new.id, f"customer {new.id} exists")


def begin_import(unit: Unit, job: str, lines: int | None) -> None:
    """Somebody begins to hand in a file; each customer of it is audited beside that."""
    unit.audit("customer.import", "job", job, after={"lines": lines})


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
    same = [
        known_term.turn
        for known_term in work.state.terms
        if (known_term.at, known_term.fine) == moment
    ]
    id_ = ids.derived(SERVICE, term.cause, f"term/{work.customer.id}")
    kind = "renewal" if term.renewal else "subscription"
    turn = max(same, default=-1) + 1
    return msgspec.structs.replace(term, cause=f"{kind}:{id_}", turn=turn)
