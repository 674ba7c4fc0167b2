"""What customers said about what they get, by whom it was written down."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import agreement, among, left_topic

_LEAVE = text(
    """INSERT INTO left_topic (customer, topic, channel, at, how, who)
    VALUES (:customer, :topic, :channel, :at, :how, :who) ON CONFLICT DO NOTHING"""
)
_AGREE = text(
    """INSERT INTO agreement (customer, purpose, at, how, who)
    VALUES (:customer, :purpose, :at, :how, :who) ON CONFLICT DO NOTHING"""
)


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

    async def leave(
        self, customer: str, topic: str, channel: str, at: datetime, how: str, who: str | None
    ) -> bool:
        """Note that a customer leaves; False: they had before."""
        given = {
            "customer": customer, "topic": topic, "channel": channel, "at": at, "how": how,
            "who": who,
        }  # fmt: skip
        return bool((await self._connection.execute(_LEAVE, given)).rowcount)

    async def said(self, customer: str) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
        """What a customer left and agreed to, with when and how, in order of the moments."""
        left = select(left_topic).where(left_topic.c.customer == customer)
        agreed = select(agreement).where(agreement.c.customer == customer)
        return (
            (await self._connection.execute(left.order_by(left_topic.c.at))).all(),
            (await self._connection.execute(agreed.order_by(agreement.c.at))).all(),
        )

    async def agree(
        self, customer: str, purpose: str, at: datetime, how: str, who: str | None
    ) -> bool:
        """Note that a customer agrees; False: they had before."""
        given = {"customer": customer, "purpose": purpose, "at": at, "how": how, "who": who}
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
