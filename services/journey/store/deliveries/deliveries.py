"""What shops sent, by its id; what of it is kept until somebody has looked after it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import delivery, refund
from shared.db import rows

_FORGET = text(
    """DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE forget_at <= :now
    ORDER BY forget_at LIMIT :limit FOR UPDATE SKIP LOCKED)"""
)


class Deliveries:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, sent: Mapping[str, Any]) -> bool:
        """Note one; False: its id is known. Waits for whoever notes the same id at this moment."""
        new = insert(delivery).values(**sent).on_conflict_do_nothing()
        return bool((await self._connection.execute(new)).rowcount)

    async def one(self, id_: str, *, held: bool = False) -> Row[Any] | None:
        """One of them; `held`: until the transaction ends."""
        query = select(delivery).where(delivery.c.id == id_)
        query = query.with_for_update() if held else query
        return (await self._connection.execute(query)).one_or_none()

    async def change(self, id_: str, **changed: Any) -> None:
        """Write what has become of one."""
        await self._connection.execute(
            update(delivery).where(delivery.c.id == id_).values(**changed)
        )

    async def kept(self) -> int:
        """How many are kept."""
        query = select(func.count()).where(delivery.c.state == "kept")
        return int((await self._connection.execute(query)).scalar_one())

    async def listed(self, after: tuple[datetime, str] | None, limit: int) -> Sequence[Row[Any]]:
        """Those that are kept, the oldest first, without what they say."""
        d = delivery.c
        shown = [column for column in d if column.name != "body"]
        query = select(*shown).where(d.state == "kept").order_by(d.received_at, d.id).limit(limit)
        if after is not None:
            query = query.where(tuple_(d.received_at, d.id) > tuple_(*after))
        return (await self._connection.execute(query)).all()

    async def forget(self, now: datetime, limit: int) -> int:
        """Drop those whose time is over; how many."""
        asked = {"now": now, "limit": limit}
        return (await self._connection.execute(_FORGET, asked)).rowcount

    async def add_refunds(self, refunds: Sequence[Mapping[str, Any]]) -> None:
        """Note what was paid back; a known id is the same."""
        await rows.insert_new(self._connection, refund, refunds)

    async def refunds(self, customer: str) -> Sequence[Row[Any]]:
        """What was paid back to a customer, the oldest first."""
        query = select(refund).where(refund.c.customer == customer)
        return (await self._connection.execute(query.order_by(refund.c.at, refund.c.id))).all()
