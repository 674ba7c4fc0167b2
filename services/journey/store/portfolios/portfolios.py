"""Portfolios: who has whom, handed over in two statements however many it is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.portfolios.portfolio import Handed
from services.journey.store.tables import among, portfolio, portfolio_handed
from shared.db import rows


class Portfolios:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def one(self, customer: str) -> Row[Any] | None:
        """Who has a customer, since when; None: nobody."""
        query = select(portfolio).where(portfolio.c.customer == customer)
        return (await self._connection.execute(query)).one_or_none()

    async def of(self, customers: Iterable[str]) -> Mapping[str, str]:
        """Who has each of these; nobody has who is missing."""
        query = select(portfolio.c.customer, portfolio.c.csm).where(
            portfolio.c.customer == among(customers)
        )
        return {row.customer: row.csm for row in await self._connection.execute(query)}

    async def hold_of(self, csm: str) -> Mapping[str, str]:
        """Lock all that a CSM has, in order."""
        query = (
            select(portfolio.c.customer, portfolio.c.csm)
            .where(portfolio.c.csm == csm)
            .order_by(portfolio.c.customer)
            .with_for_update()
        )
        return {row.customer: row.csm for row in await self._connection.execute(query)}

    async def hold(self, customers: Iterable[str]) -> Mapping[str, str]:
        """Lock those of these that somebody has, in order."""
        held = await rows.lock(self._connection, portfolio, customers)
        return {str(id_): row["csm"] for id_, row in held.items()}

    async def handed(self, id_: str) -> list[Handed]:
        """What one hand-over did."""
        query = select(portfolio_handed).where(portfolio_handed.c.id == id_)
        return [
            Handed(row.customer, row.had, row.got) for row in await self._connection.execute(query)
        ]

    async def hand(self, id_: str, handed: Sequence[Handed], at: datetime, who: str) -> None:
        """Write it down: who has them now, and who had them before."""
        gone = [move.customer for move in handed if move.got is None]
        if gone:
            await self._connection.execute(
                delete(portfolio).where(portfolio.c.customer == among(gone))
            )
        now = [
            {"customer": move.customer, "csm": move.got, "since": at, "who": who}
            for move in handed
            if move.got is not None
        ]
        await rows.upsert(self._connection, portfolio, now)
        await rows.insert_new(
            self._connection,
            portfolio_handed,
            [
                {
                    "id": id_, "customer": move.customer, "had": move.had, "got": move.got,
                    "at": at, "who": who,
                }
                for move in handed
            ],
        )  # fmt: skip

    async def sizes(self) -> Sequence[Row[Any]]:
        """How many customers each CSM has: one look at one index."""
        many = func.count().label("customers")
        query = select(portfolio.c.csm, many).group_by(portfolio.c.csm).order_by(portfolio.c.csm)
        return (await self._connection.execute(query)).all()
