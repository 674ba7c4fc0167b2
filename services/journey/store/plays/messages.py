"""Messages of runs: planned, decided, counted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.messages.purpose import Channel
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

    async def tests(self, sender: str, since: datetime) -> int:
        """How many tests somebody has asked for."""
        e = effect.c
        query = select(func.count()).where(
            e.kind == "test_mail", e.about == sender, e.planned_at > since
        )
        return int((await self._connection.execute(query)).scalar_one())

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

    async def replied(self, id_: str, at: datetime) -> None:
        """A mail was replied to; the first time stays."""
        first = func.coalesce(message.c.replied_at, at)
        query = update(message).where(message.c.id == id_).values(replied_at=first)
        await self._connection.execute(query)

    async def newer(self, customers: Iterable[str], since: datetime) -> dict[str, list[Row[Any]]]:
        """What caps and rivals are told by: messages planned after `since`, by customer."""
        m = message.c
        query = select(
            m.customer, m.id, m.verdict, m.purpose, m.decided_at, m.priority, m.play, m.channel
        ).where(m.customer == among(customers), m.planned_at > since)
        by_customer: dict[str, list[Any]] = {}
        for row in await self._connection.execute(query):
            by_customer.setdefault(row.customer, []).append(row)
        return by_customer

    async def decided(self, given: Sequence[Mapping[str, Any]]) -> None:
        """Write what was decided: `id`, and columns of the verdict and of the tokens."""
        await rows.update(self._connection, message, given)

    async def noticed(self, told: Sequence[tuple[str, str, datetime, bool]]) -> None:
        """Messages were seen in the app: id, customer, when, and whether it was clicked."""
        for id_, of, at, clicked in told:
            mine = (message.c.id == id_) & (message.c.customer == of)
            seen = {"seen_at": func.least(message.c.seen_at, at)}
            if clicked:
                seen["clicked_at"] = func.least(message.c.clicked_at, at)
            await self._connection.execute(
                update(message).where(mine, message.c.channel == Channel.APP).values(seen)
            )

    async def unseen(self, customers: Iterable[str], since: datetime) -> Sequence[Row[Any]]:
        """What was planned for apps of these customers after `since`, may go, and was not seen."""
        m = message.c
        query = select(m.id, m.customer).where(
            m.customer == among(customers), m.planned_at > since, m.channel == Channel.APP,
            m.verdict == "send", m.seen_at.is_(None),
        )  # fmt: skip
        unseen: Sequence[Any] = (await self._connection.execute(query)).all()
        return unseen

    async def hasten(self, ids: Sequence[str], now: datetime) -> set[str]:
        """Effects that wait for their time are due now; returns which those are."""
        waiting = (effect.c.id == among(ids)) & (effect.c.state == "planned")
        query = update(effect).where(waiting).values(due_at=now).returning(effect.c.id)
        return set((await self._connection.execute(query)).scalars())

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
        """Messages by their way, what was decided and why."""
        verdict = func.coalesce(message.c.verdict, "asked").label("verdict")
        why = func.coalesce(message.c.why, "").label("why")
        way = message.c.channel
        clicked = func.count(message.c.clicked_at).label("clicked")
        replied = func.count(message.c.replied_at).label("replied")
        query = select(way, verdict, why, func.count().label("messages"), clicked, replied)
        query = query.group_by(way, verdict, why)
        counted: Sequence[Row[Any]] = (await self._connection.execute(query)).all()
        return counted
