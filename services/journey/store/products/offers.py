"""What was offered to customers; their customers are held."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import among, offer
from shared.db import rows

OPEN = "open"
_DUE = text(
    """SELECT o.* FROM offer o JOIN customer c ON c.id = o.customer
    WHERE o.due_at <= :now ORDER BY o.due_at, o.id LIMIT :limit FOR UPDATE OF c SKIP LOCKED"""
)


class Offers:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def make(self, offers: Sequence[Mapping[str, Any]]) -> None:
        """Write them; the same twice is once."""
        await rows.insert_new(self._connection, offer, offers)

    async def one(self, id_: str) -> Row[Any] | None:
        """One of them."""
        query = select(offer).where(offer.c.id == id_)
        return (await self._connection.execute(query)).one_or_none()

    async def open_of(self, customers: Collection[str]) -> Sequence[Row[Any]]:
        """Those of customers that are open, the newest first."""
        query = select(offer).where(offer.c.customer == among(customers), offer.c.state == OPEN)
        newest = query.order_by(offer.c.made_at.desc(), offer.c.id)
        return (await self._connection.execute(newest)).all()

    async def of_runs(self, runs: Collection[str]) -> dict[str, Row[Any]]:
        """By run, the newest that is open."""
        o = offer.c
        query = select(offer).where(o.run == among(runs), o.state == OPEN)
        newest_last = (await self._connection.execute(query.order_by(o.made_at, o.id))).all()
        return {row.run: row for row in newest_last}

    async def of_customer(
        self, customer: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Row[Any]]:
        """All of a customer, the newest first."""
        o = offer.c
        query = select(offer).where(o.customer == customer).limit(limit)
        if after is not None:
            query = query.where(tuple_(o.made_at, o.id) < tuple_(*after))
        newest = query.order_by(o.made_at.desc(), o.id.desc())
        return (await self._connection.execute(newest)).all()

    async def settle(self, ids: Collection[str], written: Mapping[str, Any]) -> None:
        """They are not open any more."""
        mine = (offer.c.id == among(ids)) & (offer.c.state == OPEN)
        given = {**written, "due_at": None}
        await self._connection.execute(update(offer).where(mine).values(given))

    async def expire(self, ids: Collection[str]) -> None:
        """Their time is over: each is settled at the end of its own."""
        mine = (offer.c.id == among(ids)) & (offer.c.state == OPEN)
        over = {"state": "expired", "settled_at": offer.c.valid_until, "due_at": None}
        await self._connection.execute(update(offer).where(mine).values(over))

    async def due(self, now: datetime, limit: int) -> Sequence[Row[Any]]:
        """Those whose time is over, the longest first; their customers are held with this."""
        asked = {"now": now, "limit": limit}
        return (await self._connection.execute(_DUE, asked)).all()
