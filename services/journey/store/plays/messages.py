"""Messages of runs: planned, decided, counted; and what customers said about getting them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import (
    agreement,
    among,
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


class Consents:
    """The rows of one transaction; their customers are held."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(
        self, customers: Iterable[str]
    ) -> tuple[dict[str, list[tuple[str | None, Any]]], dict[str, list[str]]]:
        """Topics and channels that customers left (None: all), and purposes they agreed to."""
        asked = list(customers)
        topics = select(left_topic).where(left_topic.c.customer == among(asked))
        purposes = select(agreement).where(agreement.c.customer == among(asked))
        left: dict[str, list[tuple[str | None, Any]]] = {}
        for row in await self._connection.execute(topics):
            left.setdefault(row.customer, []).append((row.topic or None, row.channel or None))
        agreed: dict[str, list[str]] = {}
        for row in await self._connection.execute(purposes):
            agreed.setdefault(row.customer, []).append(row.purpose)
        return left, agreed

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

    async def suppressed(self, addresses: Iterable[str]) -> set[str]:
        """To which of these addresses nothing is to be sent any more."""
        hashes = {address: hash_of(address) for address in addresses}
        query = select(suppressed_address.c.hash).where(
            suppressed_address.c.hash == among(set(hashes.values()))
        )
        suppressed = set((await self._connection.execute(query)).scalars())
        return {address for address, hashed in hashes.items() if hashed in suppressed}

    async def suppress(self, address: str, at: datetime, why: str) -> None:
        """Nothing is to be sent there any more."""
        given = {"hash": hash_of(address), "at": at, "why": why}
        await rows.insert_new(self._connection, suppressed_address, [given])


def hash_of(address: str) -> str:
    """By which an address is known without keeping it: it stays so after an erasure."""
    return sha256(address.strip().lower().encode()).hexdigest()
