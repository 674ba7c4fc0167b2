"""Who is held out of all plays, and how full the buckets of mail domains are."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import among, holdout, mail_rate
from shared.db import rows


class Holdouts:
    """The rows of one transaction; their customers are held."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, customers: Iterable[str]) -> dict[str, bool]:
        """Whether customers are held out; of whom it was never asked nothing is said."""
        query = select(holdout.c.customer, holdout.c.held_out).where(
            holdout.c.customer == among(customers)
        )
        return {row.customer: row.held_out for row in await self._connection.execute(query)}

    async def note(self, drawn: Mapping[str, bool], at: datetime) -> None:
        """What was drawn, for good."""
        noted = [{"customer": id_, "held_out": held, "at": at} for id_, held in drawn.items()]
        await rows.insert_new(self._connection, holdout, noted)


class MailRates:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, domains: Iterable[str], now: datetime) -> dict[str, datetime]:
        """When the buckets of these domains, by hash, are full again."""
        held = await rows.lock(self._connection, mail_rate, domains, seed={"full_at": now})
        return {domain: row["full_at"] for domain, row in held.items()}

    async def save(self, full_at: Mapping[str, datetime]) -> None:
        """Write what was taken."""
        written = [{"domain": domain, "full_at": at} for domain, at in full_at.items()]
        await rows.update(self._connection, mail_rate, written)
