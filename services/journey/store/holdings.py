"""What customers have: profile, subscription, purchases."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.customers.customer import Holdings, Profile, Purchase
from services.journey.store.tables import among, customer_profile, purchase, subscription
from shared.db import rows
from shared.events.customer_changed import Subscription

SECOND = timedelta(seconds=1)  # moments are whole seconds, cut off

_BOUGHT = text(
    """SELECT p.customer, count(*), min(p.at) FROM purchase p
    JOIN unnest(CAST(:customers AS text[]), CAST(:until AS timestamptz[])) AS v(customer, until)
    ON p.customer = v.customer WHERE p.at < v.until GROUP BY p.customer"""
)


class Owned:
    """The rows of one transaction; their customers are held."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def holdings(self, as_of: Mapping[str, datetime]) -> dict[str, Holdings]:
        """Subscription and number of purchases as of a moment each, for `customer.changed`."""
        subscriptions = await self.subscriptions(as_of)
        asked = {"customers": list(as_of), "until": [at + SECOND for at in as_of.values()]}
        bought = {row[0]: row for row in await self._connection.execute(_BOUGHT, asked)}
        return {
            id_: Holdings(
                subscriptions.get(id_), *(bought[id_][1:] if id_ in bought else (0, None))
            )
            for id_ in as_of
        }

    async def drop_subscriptions(self, ids: Sequence[str]) -> None:
        """Delete the subscriptions of customers who have none now."""
        if ids:
            await self._connection.execute(
                delete(subscription).where(subscription.c.customer == among(ids))
            )

    async def purchases(self, id_: str) -> dict[str, Purchase]:
        """All purchases of a customer that is held, by their ids."""
        query = select(purchase).where(purchase.c.customer == id_)
        return {
            row.id: Purchase(row.product, row.at, row.price)
            for row in await self._connection.execute(query)
        }

    async def change_purchase(self, id_: str, changed_purchase: Purchase) -> None:
        """Write a purchase as it was."""
        changed = {
            "product": changed_purchase.product,
            "at": changed_purchase.at,
            "price": changed_purchase.price,
        }
        await self._connection.execute(update(purchase).where(purchase.c.id == id_).values(changed))

    async def drop_purchase(self, id_: str) -> None:
        """Delete a purchase that never was."""
        await self._connection.execute(delete(purchase).where(purchase.c.id == id_))

    async def subscriptions(self, ids: Iterable[str]) -> dict[str, Subscription]:
        """The present subscriptions of those that have one."""
        query = select(subscription).where(subscription.c.customer == among(ids))
        return {
            row.customer: read_subscription(row) for row in await self._connection.execute(query)
        }

    async def save_profiles(self, profiles: Mapping[str, Profile]) -> None:
        """Write personal data, by customer."""
        await rows.upsert(
            self._connection,
            customer_profile,
            [
                {
                    "customer": id_, "name": profile.name, "email": profile.email, "phone": profile.phone,
                    "address": profile.address, "locale": profile.locale,
                }
                for id_, profile in profiles.items()
            ],
        )  # fmt: skip

    async def save_subscriptions(self, subscriptions: Mapping[str, Subscription]) -> None:
        """Write subscriptions, by customer."""
        await rows.upsert(
            self._connection,
            subscription,
            [
                {
                    "customer": id_, "plan": held_subscription.plan, "status": held_subscription.status,
                    "started_at": held_subscription.started_at, "renews_at": held_subscription.renews_at,
                    "price_month": held_subscription.price_month,
                }
                for id_, held_subscription in subscriptions.items()
            ],
        )  # fmt: skip

    async def add_purchases(self, bought: Sequence[tuple[str, str, Purchase]]) -> None:
        """Insert purchases: (id, customer, purchase); a known id is the same purchase."""
        await rows.insert_new(
            self._connection,
            purchase,
            [
                {
                    "id": id_, "customer": customer, "product": bought_now.product, "at": bought_now.at,
                    "price": bought_now.price,
                }
                for id_, customer, bought_now in bought
            ],
        )  # fmt: skip


def read_subscription(row: Row[Any]) -> Subscription:
    """A row of the table `subscription`."""
    return Subscription(
        plan=row.plan,
        started_at=row.started_at,
        status=row.status,
        renews_at=row.renews_at,
        price_month=row.price_month,
    )
