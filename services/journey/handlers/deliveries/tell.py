"""What a shop tells, done by the same handlers as the routes for it."""

from dataclasses import replace

import msgspec

from services.journey.domain.customers import fold
from services.journey.domain.customers.customer import Purchase, Renewal
from services.journey.domain.customers.state import Dated
from services.journey.domain.customers.subscription import subscription
from services.journey.domain.days import seconds
from services.journey.domain.deliveries.shop import Means
from services.journey.domain.deliveries.understand import Told
from services.journey.domain.facts import payment_failed, refunded
from services.journey.domain.renewals.outcome import Outcome, Reason
from services.journey.errors import NotUnderstood
from services.journey.handlers.customers import audited
from services.journey.handlers.customers.change_customers import (
    add_purchase,
    begin,
    known,
    renew,
    set_subscription,
)
from services.journey.handlers.ports import Unit
from services.journey.handlers.referrals.redeem import paid_back
from services.journey.handlers.renewals.decide import decide
from services.journey.handlers.stages.advance import update_stages
from services.journey.handlers.stages.on_stages import on_stages
from shared import ids
from shared.events.customer_changed import Subscription

SAID_ALREADY = "runs until then already"  # of a renewal: nothing is left to do


async def tell(unit: Unit, told: Told) -> None:
    """One thing a shop tells. Raises: NotFound; NotUnderstood: it cannot be so."""
    match told.means:
        case Means.PURCHASE:
            await add_purchase(unit, told.customer, Purchase(told.product, told.at, told.price))
        case Means.SUBSCRIPTION:
            await _subscribe(unit, told)
        case Means.RENEWAL:
            await _renew(unit, told)
        case Means.CANCELLATION:
            await _cancel(unit, told)
        case Means.FAILED_PAYMENT:
            await _note(unit, told, payment_failed.NAME, 1)
        case Means.REFUND:
            await _refund(unit, told)


async def _subscribe(unit: Unit, told: Told) -> None:
    subscribed = Subscription(
        plan=told.plan, started_at=told.started_at or told.at, renews_at=told.renews_at,
        price_month=told.price,
    )  # fmt: skip
    if told.renews_at is not None and told.renews_at < subscribed.started_at:
        raise NotUnderstood("renews_at: a time before the subscription began")
    await set_subscription(unit, told.customer, subscribed, told.at, lambda _: None)


async def _renew(unit: Unit, told: Told) -> None:
    await known(unit, told.customer)
    until = told.renews_at or told.at
    run = await renew(unit, [Renewal(told.customer, told.at, until)])
    why = run.left.get(told.customer, SAID_ALREADY)
    if why != SAID_ALREADY:
        raise NotUnderstood(f"renews_at: {why}")


async def _cancel(unit: Unit, told: Told) -> None:
    """The term that was to end is not renewed; why is written down with it."""
    customer = await known(unit, told.customer)
    row = (await unit.store.owned.subscriptions([told.customer])).get(told.customer)
    terms = (await unit.store.customers.states([customer]))[told.customer].terms
    present = subscription(terms, seconds(told.at), row)
    if present is None:
        raise NotUnderstood("customer: no subscription at that time")
    cancelled = msgspec.structs.replace(present, status="cancelled")
    ends = present.renews_at
    if ends is not None and row is not None and row.renews_at == ends:
        why = told.reason or Reason.OTHER
        await decide(unit, told.customer, ends, Outcome.CANCELLED, why, lambda _: None)
    await set_subscription(unit, told.customer, cancelled, told.at, lambda _: None)


async def _refund(unit: Unit, told: Told) -> None:
    """Something was paid back: it is written down with the shop's number of the order."""
    await _note(unit, told, refunded.NAME, told.product)
    refund = {
        "id": ids.derived("journey", unit.cause, "refund"), "customer": told.customer,
        "order": told.order, "product": told.product, "price": told.price, "at": told.at,
    }  # fmt: skip
    await unit.store.deliveries.add_refunds([refund])
    await paid_back(unit, told.customer, told.order)


async def _note(unit: Unit, told: Told, fact: str, value: int | str) -> None:
    """A fact of the customer from that moment on, and what stages and runs make of it."""
    work = await begin(unit, await known(unit, told.customer))
    mark = Dated(seconds(told.at), f"{fact}:{ids.derived('journey', unit.cause, fact)}", value)
    work.fold(lambda state: fold.say(state, fact, mark), unit.cause)
    await on_stages(unit, await update_stages(unit, [work]))
    after = {"at": told.at, "product": told.product} if told.product else {"at": told.at}
    unit.audit(f"customer.{fact}", audited.KIND, told.customer, after=after)


def of_delivery(unit: Unit, id_: str, n: int) -> Unit:
    """The unit for the n-th thing of a delivery: what it makes has ids of its own."""
    return replace(unit, cause=f"shop:{id_}#{n}")
