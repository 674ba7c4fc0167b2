"""What a customer buys, subscribes to and renews, told by billing in any order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.journey.domain.customers import fold
from services.journey.domain.customers.customer import Customer, Purchase, Renewal
from services.journey.domain.customers.subscription import state_at, subscription
from services.journey.domain.days import seconds
from services.journey.handlers.customers import audited
from services.journey.handlers.customers.create_customers import (
    fold_purchase,
    fold_subscription,
    purchase_id,
    renewed,
)
from services.journey.handlers.ports import Unit
from services.journey.handlers.products.settle_offers import accept_bought
from services.journey.handlers.stages.advance import Work, update_stages
from services.journey.handlers.stages.on_stages import on_stages
from shared.errors import NotFound
from shared.events.customer_changed import Subscription


async def known(unit: Unit, id_: str) -> Customer:
    """A customer who was handed in, held. Raises: NotFound."""
    held = await unit.store.customers.hold_existing([id_])
    if id_ not in held or not held[id_].known:
        raise NotFound("customer", id_)
    return held[id_]


async def begin(unit: Unit, customer: Customer) -> Work:
    """Work on a customer that is held, of which the others are told."""
    states = await unit.store.customers.states([customer])
    return Work(customer, states[customer.id], unit.cause, seconds(unit.now), changed=True)


async def add_purchase(unit: Unit, customer: str, bought: Purchase) -> str:
    """A customer bought something, or will have; returns the purchase's id.

    Raises: NotFound: nobody has handed this customer in.
    """
    work = await begin(unit, await known(unit, customer))
    id_ = purchase_id(unit.cause, 0)
    fold_purchase(work, bought, id_)
    await unit.store.products.note([bought.product])
    await unit.store.owned.add_purchases([(id_, customer, bought)])
    await accept_bought(unit, work, bought.product, bought.at)
    await on_stages(unit, await update_stages(unit, [work]))
    audited.bought(unit, customer, id_, bought)
    return id_


RUNNING = frozenset({"trial", "active"})

Unchanged = Callable[[Subscription | None], None]
"""Raises when the present subscription, None without one, is not the one the caller has read."""


async def set_subscription(
    unit: Unit,
    customer: str,
    told: Subscription,
    at: datetime | None,
    unchanged: Unchanged,
) -> None:
    """A customer's subscription is this from `at` on; what is known of later moments stays.

    Args:
        at: None: from now on (one that runs and is new to us: from its start), and nothing happens
            where it is so already.
    Raises: NotFound: nobody has handed this customer in; what `unchanged` raises.
    """
    customer_ = await known(unit, customer)
    row = (await unit.store.owned.subscriptions([customer])).get(customer)
    work = await begin(unit, customer_)
    terms = work.state.terms
    unchanged(subscription(terms, customer_.known_up_to(work.now), row))
    begins = max(at or unit.now, told.started_at)
    if at is None and not terms and told.status in RUNNING:
        begins = told.started_at  # the first we hear of it
    before = subscription(terms, seconds(begins), row)
    holds = state_at(terms, seconds(begins))
    said = holds is not None and (holds.term.at, holds.term.fine) == (
        seconds(begins), begins.microsecond,
    )  # fmt: skip
    if before == told and (at is None or said):
        audited.read(unit, customer)  # the answer shows the profile
        return
    fold_subscription(work, told, begins, unit.cause)
    if told.status in RUNNING:
        await accept_bought(unit, work, told.plan, begins)
    await on_stages(unit, await update_stages(unit, [work]))
    audited.subscribed(unit, "subscription", customer, before, told, at)


@dataclass(frozen=True, slots=True)
class RenewalRun:
    """What became of a billing run, by customer.

    Attributes:
        renewed: the subscription from that moment on.
        left: why nothing was done.
    """

    renewed: dict[str, Subscription] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)


async def renew(unit: Unit, renewals: Sequence[Renewal]) -> RenewalRun:
    """Subscriptions were renewed: active from `at` until `renews_at`.

    One of the past counts in the past: what billing said of later moments stays.

    Args:
        renewals: at most one of each customer.
    """
    held = await unit.store.customers.hold_existing(renewal.customer for renewal in renewals)
    rows = await unit.store.owned.subscriptions(held)
    states = await unit.store.customers.states(list(held.values()))
    run = RenewalRun()
    works: list[Work] = []
    noted: list[Work] = []
    for planned in renewals:
        if planned.customer not in held:
            run.left[planned.customer] = "unknown customer"
            continue
        work = Work(
            held[planned.customer],
            states[planned.customer],
            unit.cause,
            seconds(unit.now),
            changed=True,
        )
        renewed = _renew(work, planned, rows, unit.cause)
        if isinstance(renewed, str):
            run.left[planned.customer] = renewed
            noted.append(work)
        else:
            run.renewed[planned.customer] = renewed[1]
            works.append(work)
            audited.subscribed(unit, "renew", planned.customer, *renewed, planned.at)
    await on_stages(unit, await update_stages(unit, works))
    await unit.store.customers.save_states([(work.customer, work.state) for work in noted])
    return run


def _renew(
    work: Work, renewal: Renewal, rows: Mapping[str, Subscription], cause: str
) -> tuple[Subscription, Subscription] | str:
    """Fold one renewal; why not, where it cannot be."""
    terms, row = work.state.terms, rows.get(renewal.customer)
    at = seconds(renewal.at)
    before = subscription(terms, at, row)
    if before is None:
        return "no subscription at that time" if terms else "no subscription"
    if before.status == "active" and before.renews_at == renewal.renews_at:
        # why noted: a change of before it that comes later may make it count
        if not any(term.at == at and term.renewal for term in terms):
            fold.subscribe(work.state, renewed(work, renewal.at, renewal.renews_at, cause))
        return "runs until then already"
    if renewal.renews_at < before.started_at:
        return "ends before the subscription began"
    term = renewed(work, renewal.at, renewal.renews_at, cause)
    work.fold(lambda state: fold.subscribe(state, term), cause)
    after = subscription(terms, at, row)
    return before, before if after is None else after
