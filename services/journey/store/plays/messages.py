"""Messages of runs: planned, decided, counted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import among, effect, message
from shared.db import rows


class Messages:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def plan(self, planned: Sequence[Mapping[str, Any]]) -> None:
        """Note what is to be sent."""
        await rows.insert_new(self._connection, message, planned)

    async def several(self, ids: Iterable[str]) -> dict[str, Row[Any]]:
        """Those of these messages that there are, by id."""
        query = select(message).where(message.c.id == among(ids))
        return {row.id: row for row in await self._connection.execute(query)}

    async def by_token(self, token: str) -> Row[Any] | None:
        """The message whose one-click address ends in this."""
        query = select(message).where(message.c.leave_token == token)
        return (await self._connection.execute(query)).one_or_none()

    async def by_answer_token(self, token: str) -> Row[Any] | None:
        """The question whose address ends in this."""
        query = select(message).where(message.c.answer_token == token)
        return (await self._connection.execute(query)).one_or_none()

    async def is_answered(self, id_: str) -> bool:
        """Whether a question was answered; whoever asks holds its customer."""
        query = select(message.c.answered_at).where(message.c.id == id_)
        return (await self._connection.execute(query)).scalar_one() is not None

    async def answered(self, id_: str, at: datetime, words: str | None) -> None:
        """A question was answered; the answer itself is a fact of the customer."""
        given = {"answered_at": at, "words": words}
        await self._connection.execute(update(message).where(message.c.id == id_).values(given))

    async def newer(self, customers: Iterable[str], since: datetime) -> dict[str, list[Row[Any]]]:
        """What caps and rivals are told by: messages planned after `since`, by customer."""
        m = message.c
        query = select(
            m.customer, m.id, m.verdict, m.purpose, m.decided_at, m.priority, m.play
        ).where(m.customer == among(customers), m.planned_at > since)
        by_customer: dict[str, list[Any]] = {}
        for row in await self._connection.execute(query):
            by_customer.setdefault(row.customer, []).append(row)
        return by_customer

    async def decided(self, given: Sequence[Mapping[str, Any]]) -> None:
        """Write what was decided: `id`, and columns of the verdict and of the tokens."""
        await rows.update(self._connection, message, given)

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

    async def counts(self) -> Sequence[Row[Any]]:
        """Messages by what was decided and why."""
        verdict = func.coalesce(message.c.verdict, "asked").label("verdict")
        why = func.coalesce(message.c.why, "").label("why")
        query = select(verdict, why, func.count().label("messages")).group_by(verdict, why)
        counted: Sequence[Row[Any]] = (await self._connection.execute(query)).all()
        return counted
