"""Conversations outside plays; whoever writes holds the customer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import talk

SHOWN = 200  # of one customer


class Talks:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, row: Mapping[str, Any]) -> None:
        """Write one down."""
        await self._connection.execute(insert(talk).values(dict(row)))

    async def one(self, id_: str) -> Row[Any] | None:
        """One of them."""
        query = select(talk).where(talk.c.id == id_)
        return (await self._connection.execute(query)).one_or_none()

    async def of(self, customer: str) -> Sequence[Row[Any]]:
        """Those with a customer, the newest first."""
        query = select(talk).where(talk.c.customer == customer)
        query = query.order_by(talk.c.at.desc(), talk.c.id).limit(SHOWN)
        return (await self._connection.execute(query)).all()

    async def ahead(self, who: str, limit: int) -> Sequence[Row[Any]]:
        """Those whose next step somebody has still to do, due first."""
        query = select(talk).where(
            talk.c.who == who, talk.c.due_at.is_not(None), talk.c.done_at.is_(None)
        )
        query = query.order_by(talk.c.due_at, talk.c.id).limit(limit)
        return (await self._connection.execute(query)).all()

    async def discoveries(
        self, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Row[Any]]:
        """Those in which we learned something, the newest first."""
        query = select(talk).where(talk.c.discovery.is_not(None))
        if after is not None:
            query = query.where(tuple_(talk.c.at, talk.c.id) < after)
        query = query.order_by(talk.c.at.desc(), talk.c.id.desc()).limit(limit)
        return (await self._connection.execute(query)).all()

    async def done(self, id_: str, at: datetime) -> None:
        """Its next step is done."""
        await self._connection.execute(update(talk).where(talk.c.id == id_).values(done_at=at))
