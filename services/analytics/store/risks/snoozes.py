"""Snoozes: who is not to be in the list for a while."""

from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.risks.care import Snooze
from services.analytics.store.tables import snooze
from shared.db import rows


class Snoozes:
    """One for a customer: the newest counts."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, written: Snooze) -> None:
        """Keep it in place of an earlier one."""
        await rows.upsert(self._connection, snooze, [asdict(written)])

    async def end(self, customer: str) -> bool:
        """Take it away; whether there was one."""
        gone = await self._connection.execute(delete(snooze).where(snooze.c.customer == customer))
        return gone.rowcount > 0

    async def of(self, customer: str) -> Snooze | None:
        """The one of a customer, over or not."""
        query = select(snooze).where(snooze.c.customer == customer)
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else Snooze(**row)
