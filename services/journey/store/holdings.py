"""What customers have: profile, subscription, purchases."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.customer import Holdings, Profile, Purchase
from services.journey.store.tables import among, customer_profile, purchase, subscription
from shared.db import rows
from shared.events.customer_changed import Subscription


class Owned:
    """The rows of one transaction; their customers are held."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def holdings(self, ids: Iterable[str]) -> dict[str, Holdings]:
        """Subscription and number of purchases, for `customer.changed`."""
        wanted = list(ids)
        found = await self.subscriptions(wanted)
        query = (
            select(purchase.c.customer, func.count(), func.min(purchase.c.at))
            .where(purchase.c.customer == among(wanted))
            .group_by(purchase.c.customer)
        )
        bought = {row[0]: row for row in await self._connection.execute(query)}
        return {
            id_: Holdings(found.get(id_), *(bought[id_][1:] if id_ in bought else (0, None)))
            for id_ in wanted
        }

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
                    "customer": id_, "name": one.name, "email": one.email, "phone": one.phone,
                    "address": one.address, "locale": one.locale,
                }
                for id_, one in profiles.items()
            ],
        )  # fmt: skip

    async def save_subscriptions(self, subscriptions: Mapping[str, Subscription]) -> None:
        """Write subscriptions, by customer."""
        await rows.upsert(
            self._connection,
            subscription,
            [
                {
                    "customer": id_, "plan": one.plan, "status": one.status,
                    "started_at": one.started_at, "renews_at": one.renews_at,
                    "price_month": one.price_month,
                }
                for id_, one in subscriptions.items()
            ],
        )  # fmt: skip

    async def add_purchases(self, bought: Sequence[tuple[str, str, Purchase]]) -> None:
        """Insert purchases: (id, customer, purchase); a known id is the same purchase."""
        await rows.insert_new(
            self._connection,
            purchase,
            [
                {
                    "id": id_, "customer": customer, "product": one.product, "at": one.at,
                    "price": one.price,
                }
                for id_, customer, one in bought
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
