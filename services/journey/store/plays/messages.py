"""Messages of runs: planned, decided, counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import effect, message
from shared.db import rows


class Messages:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def plan(self, planned: Sequence[Mapping[str, Any]]) -> None:
        """Note what is to be sent."""
        await rows.insert_new(self._connection, message, planned)

    async def of_customer(self, id_: str, limit: int) -> Sequence[Row[Any]]:
        """A customer's messages with what became of them, the newest first."""
        query = (
            select(message, effect.c.state.label("state"), effect.c.why.label("sending"))
            .outerjoin(effect, effect.c.id == message.c.id)
            .where(message.c.customer == id_)
            .order_by(message.c.planned_at.desc(), message.c.id)
            .limit(limit)
        )
        return (await self._connection.execute(query)).all()
