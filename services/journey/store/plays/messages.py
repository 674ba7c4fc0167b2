"""Messages of runs: planned, decided, counted; and what customers said about getting them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import (
    agreement,
    effect,
    left_topic,
    message,
    suppressed_address,
)
from shared.db import rows

_LEAVE = text(
    """INSERT INTO left_topic (customer, topic, channel, at, how)
    VALUES (:customer, :topic, :channel, :at, :how) ON CONFLICT DO NOTHING"""
)
_AGREE = text(
    """INSERT INTO agreement (customer, purpose, at, how)
    VALUES (:customer, :purpose, :at, :how) ON CONFLICT DO NOTHING"""
)


class Messages:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def plan(self, planned: Sequence[Mapping[str, Any]]) -> None:
        """Note what is to be sent."""
        await rows.insert_new(self._connection, message, planned)

    async def one(self, id_: str) -> Row[Any] | None:
        """One message."""
        found = await self._connection.execute(select(message).where(message.c.id == id_))
        return found.one_or_none()

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

    async def beside(
        self, row: Row[Any], since: datetime
    ) -> tuple[list[tuple[datetime, str]], list[int]]:
        """A customer's other messages: when which were sent, and priorities of those that wait."""
        m = message.c
        query = select(m.verdict, m.purpose, m.decided_at, m.priority, m.play).where(
            m.customer == row.customer, m.id != row.id, m.planned_at > since
        )
        found = (await self._connection.execute(query)).all()
        sent = [(one.decided_at, one.purpose) for one in found if one.verdict == "send"]
        waiting = [
            one.priority
            for one in found
            if one.verdict not in {"send", "skip"} and one.play != row.play
        ]
        return sent, waiting

    async def decided(
        self,
        id_: str,
        verdict: str,
        why: str,
        at: datetime,
        tokens: tuple[str, str | None] | None,
    ) -> None:
        """Write what was decided about one; `tokens`: to leave with and to answer with."""
        given: dict[str, Any] = {"verdict": verdict, "why": why, "decided_at": at}
        if tokens is not None:
            given["leave_token"], given["answer_token"] = tokens
        await self._connection.execute(update(message).where(message.c.id == id_).values(given))

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
        found: Sequence[Row[Any]] = (await self._connection.execute(query)).all()
        return found


class Consents:
    """The rows of one transaction; their customers are held."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, customer: str) -> tuple[list[tuple[str | None, Any]], list[str]]:
        """Topics and channels a customer left (None: all), and purposes they agreed to."""
        left = await self._connection.execute(
            select(left_topic.c.topic, left_topic.c.channel).where(
                left_topic.c.customer == customer
            )
        )
        agreed = await self._connection.execute(
            select(agreement.c.purpose).where(agreement.c.customer == customer)
        )
        pairs = [(row.topic or None, row.channel or None) for row in left]
        return pairs, list(agreed.scalars())

    async def leave(self, customer: str, topic: str, channel: str, at: datetime, how: str) -> bool:
        """Note that a customer leaves; False: they had before."""
        given = {"customer": customer, "topic": topic, "channel": channel, "at": at, "how": how}
        return bool((await self._connection.execute(_LEAVE, given)).rowcount)

    async def said(self, customer: str) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
        """What a customer left and agreed to, with when and how, in order of the moments."""
        left = select(left_topic).where(left_topic.c.customer == customer)
        agreed = select(agreement).where(agreement.c.customer == customer)
        return (
            (await self._connection.execute(left.order_by(left_topic.c.at))).all(),
            (await self._connection.execute(agreed.order_by(agreement.c.at))).all(),
        )

    async def agree(self, customer: str, purpose: str, at: datetime, how: str) -> bool:
        """Note that a customer agrees; False: they had before."""
        given = {"customer": customer, "purpose": purpose, "at": at, "how": how}
        return bool((await self._connection.execute(_AGREE, given)).rowcount)

    async def disagree(self, customer: str, purpose: str) -> bool:
        """They agree no more; False: they had not."""
        gone = delete(agreement).where(
            agreement.c.customer == customer, agreement.c.purpose == purpose
        )
        return bool((await self._connection.execute(gone)).rowcount)

    async def come_back(self, customer: str, topic: str, channel: str) -> bool:
        """They want a topic again; False: they had not left it like that."""
        gone = delete(left_topic).where(
            left_topic.c.customer == customer, left_topic.c.topic == topic,
            left_topic.c.channel == channel,
        )  # fmt: skip
        return bool((await self._connection.execute(gone)).rowcount)

    async def is_suppressed(self, address: str) -> bool:
        """Whether nothing is to be sent to an address any more."""
        query = select(suppressed_address.c.hash).where(
            suppressed_address.c.hash == hash_of(address)
        )
        return (await self._connection.execute(query)).one_or_none() is not None

    async def suppress(self, address: str, at: datetime, why: str) -> None:
        """Nothing is to be sent there any more."""
        given = {"hash": hash_of(address), "at": at, "why": why}
        await rows.insert_new(self._connection, suppressed_address, [given])


def hash_of(address: str) -> str:
    """By which an address is known without keeping it: it stays so after an erasure."""
    return sha256(address.strip().lower().encode()).hexdigest()
