"""What a customer buys, subscribes to and renews, told by billing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from services.journey.domain.customer import Customer, Purchase, Renewal
from services.journey.domain.days import seconds
from services.journey.errors import CustomerNotFound
from services.journey.handlers.advance import Work, settle
from services.journey.handlers.create_customers import (
    fold_purchase,
    fold_subscription,
    purchase_id,
)
from services.journey.handlers.ports import Desk
from shared.events.customer_changed import Subscription


async def _known(desk: Desk, id_: str) -> Customer:
    held = await desk.customers.find([id_])
    if id_ not in held or not held[id_].known:
        raise CustomerNotFound(id_)
    return held[id_]


async def _work(desk: Desk, customer: Customer, cause: str) -> Work:
    states = await desk.customers.states([customer])
    return Work(customer, states[customer.id], cause, changed=True)


async def add_purchase(desk: Desk, customer: str, bought: Purchase, cause: str) -> str:
    """A customer bought something; returns the purchase's id.

    Raises: CustomerNotFound: nobody has handed this customer in.
    """
    work = await _work(desk, await _known(desk, customer), cause)
    id_ = purchase_id(cause, 0)
    fold_purchase(work, bought, id_)
    await desk.owned.add_purchases([(id_, customer, bought)])
    await settle(desk, [work])
    return id_


Unchanged = Callable[[Subscription | None], None]
"""Raises when the present subscription, None without one, is not the one the caller has read."""


async def set_subscription(
    desk: Desk,
    customer: str,
    subscription: Subscription,
    at: datetime,
    cause: str,
    unchanged: Unchanged,
) -> Subscription | None:
    """A customer's subscription is this from `at` on; nothing happens where it is so already.

    Returns: the one before.
    Raises: CustomerNotFound: nobody has handed this customer in; what `unchanged` raises.
    """
    known = await _known(desk, customer)
    before = (await desk.owned.subscriptions([customer])).get(customer)
    unchanged(before)
    if before == subscription:
        return before
    work = await _work(desk, known, cause)
    fold_subscription(work, subscription, seconds(at), cause)
    await desk.owned.save_subscriptions({customer: subscription})
    await settle(desk, [work])
    return before


@dataclass(frozen=True, slots=True)
class RenewalRun:
    """What became of a billing run, by customer.

    Attributes:
        renewed: subscription before and after.
        left: why nothing was done.
    """

    renewed: dict[str, tuple[Subscription, Subscription]]
    left: dict[str, str]


async def renew(desk: Desk, renewals: Sequence[Renewal], cause: str) -> RenewalRun:
    """Subscriptions were renewed: active, until `renews_at`.

    Args:
        renewals: at most one of each customer.
    """
    held = await desk.customers.find(renewal.customer for renewal in renewals)
    present = await desk.owned.subscriptions(held)
    left = {
        one.customer: why
        for one in renewals
        if (why := _obstacle(one, held, present.get(one.customer))) is not None
    }
    taken = [one for one in renewals if one.customer not in left]
    states = await desk.customers.states([held[one.customer] for one in taken])
    works, renewed = [], {}
    for one in taken:
        work = Work(held[one.customer], states[one.customer], cause, changed=True)
        before = present[one.customer]
        after = msgspec.structs.replace(before, status="active", renews_at=one.renews_at)
        renewed[one.customer] = (before, after)
        fold_subscription(work, after, seconds(one.at), cause, renewal=True)
        works.append(work)
    await desk.owned.save_subscriptions({id_: after for id_, (_, after) in renewed.items()})
    await settle(desk, works)
    return RenewalRun(renewed, left)


def _obstacle(
    renewal: Renewal, held: Mapping[str, Customer], present: Subscription | None
) -> str | None:
    """Why a renewal cannot be done; None: it can."""
    if renewal.customer not in held:
        return "unknown customer"
    if present is None:
        return "no subscription"
    if present.status == "active" and present.renews_at == renewal.renews_at:
        return "runs until then already"
    return None
