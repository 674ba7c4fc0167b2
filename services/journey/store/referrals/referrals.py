"""Codes, and the ledger of rewards; whoever writes holds the customers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import referral_code, refund, reward
from shared.db import rows

PENDING = "pending"
_SETTLE = text(
    """UPDATE reward SET state = 'final', settled_at = due_at, due_at = NULL WHERE id IN (
    SELECT id FROM reward WHERE due_at <= :now ORDER BY due_at, id LIMIT :limit
    FOR UPDATE SKIP LOCKED)"""
)


class Referrals:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def code_of(self, customer: str) -> str | None:
        """The code of a customer."""
        query = select(referral_code.c.code).where(referral_code.c.customer == customer)
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def give(self, customer: str, code: str, now: datetime) -> bool:
        """This is their code; False: it is somebody's already."""
        row = {"customer": customer, "code": code, "made_at": now}
        new = insert(referral_code).values(row).on_conflict_do_nothing()
        return bool((await self._connection.execute(new)).rowcount)

    async def whose(self, code: str) -> str | None:
        """The customer who gave this code to friends."""
        query = select(referral_code.c.customer).where(referral_code.c.code == code)
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def has_redeemed(self, friend: str) -> bool:
        """Whether they bought with a code before, whatever became of it."""
        query = select(exists().where(reward.c.customer == friend, reward.c.side == "friend"))
        return bool((await self._connection.execute(query)).scalar_one())

    async def paid_back(self, friend: str, order: str) -> bool:
        """Whether something of this order was paid back to them."""
        query = select(exists().where(refund.c.customer == friend, refund.c.order == order))
        return bool((await self._connection.execute(query)).scalar_one())

    async def add(self, rewards: Sequence[Mapping[str, Any]]) -> None:
        """Write rewards; the same twice is once."""
        await rows.insert_new(self._connection, reward, rewards)

    async def of_redemption(self, redemption: str) -> Sequence[Row[Any]]:
        """The rewards of one purchase."""
        query = select(reward).where(reward.c.redemption == redemption).order_by(reward.c.side)
        return (await self._connection.execute(query)).all()

    async def reverse(self, friend: str, order: str, now: datetime) -> Sequence[str]:
        """Both rewards of a friend's order are taken back, if they are not final; whose they were."""
        mine = select(reward.c.redemption).where(
            reward.c.customer == friend, reward.c.side == "friend", reward.c.order == order
        )
        change = (
            update(reward)
            .where(reward.c.redemption.in_(mine), reward.c.state == PENDING)
            .values(state="reversed", settled_at=now, due_at=None)
            .returning(reward.c.id)
        )
        return sorted((await self._connection.execute(change)).scalars())

    async def settle(self, now: datetime, limit: int) -> int:
        """Those whose time to send the order back is over are final; how many."""
        asked = {"now": now, "limit": limit}
        return (await self._connection.execute(_SETTLE, asked)).rowcount

    async def listed(
        self,
        state: str | None,
        customer: str | None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[Row[Any]]:
        """Rewards, the newest first."""
        r = reward.c
        query = select(reward).order_by(r.redeemed_at.desc(), r.id.desc()).limit(limit)
        if state is not None:
            query = query.where(r.state == state)
        if customer is not None:
            query = query.where(r.customer == customer)
        if after is not None:
            query = query.where(tuple_(r.redeemed_at, r.id) < tuple_(*after))
        return (await self._connection.execute(query)).all()
