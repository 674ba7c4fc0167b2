"""Terms by their ends, with what came of them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.renewals.outcome import Decided, Whose
from services.journey.store.readers import in_portfolio
from services.journey.store.tables import (
    customer,
    customer_profile,
    renewal_outcome,
    subscription,
)
from shared.db import rows


class Renewals:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def listed(
        self,
        since: datetime,
        until: datetime,
        after: tuple[datetime, str] | None,
        limit: int,
        whose: Whose,
    ) -> Sequence[Any]:
        """Subscriptions whose term ends from `since` to before `until`, the next one first.

        Args:
            after: end and customer of the last one seen.
        """
        s, o = subscription.c, renewal_outcome.c
        query = (
            select(
                s.customer, s.plan, s.status, s.price_month, s.renews_at,
                customer.c.kind, customer.c.region, customer.c.stage, customer_profile.c.name,
                o.outcome, o.reason, o.who, o.at,
            )
            .join(customer, customer.c.id == s.customer)
            .outerjoin(customer_profile, customer_profile.c.customer == s.customer)
            .outerjoin(
                renewal_outcome, (o.customer == s.customer) & (o.term_ends == s.renews_at)
            )
            .where(s.renews_at >= since, s.renews_at < until, s.status != "ended")
            .order_by(s.renews_at, s.customer)
            .limit(limit)
        )  # fmt: skip
        if whose.decided is not None:
            query = query.where(o.outcome.is_not(None) if whose.decided else o.outcome.is_(None))
        if whose.customer is not None:
            query = query.where(s.customer == whose.customer)
        if whose.csm is not None:
            query = query.where(in_portfolio(s.customer, whose.csm))
        if after is not None:
            at, id_ = after
            query = query.where((s.renews_at > at) | ((s.renews_at == at) & (s.customer > id_)))
        return (await self._connection.execute(query)).all()

    async def decided(self, customer_: str, term_ends: datetime) -> Row[Any] | None:
        """What somebody said before of this term; its customer is held."""
        query = select(renewal_outcome).where(
            renewal_outcome.c.customer == customer_, renewal_outcome.c.term_ends == term_ends
        )
        return (await self._connection.execute(query)).one_or_none()

    async def decide(self, decided: Decided) -> None:
        """Write it down; what was said before of the same term is overwritten."""
        await rows.upsert(self._connection, renewal_outcome, [asdict(decided)])
