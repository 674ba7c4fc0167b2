"""Codes, and the ledger of rewards; whoever writes holds the customers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import among, referral_code, refund, reward
from shared.db import rows

PENDING = "pending"
_SETTLE = text(
    """UPDATE reward SET state = 'final', settled_at = due_at, due_at = NULL WHERE id IN (
    SELECT id FROM reward WHERE due_at <= :now ORDER BY due_at, id LIMIT :limit
    FOR UPDATE SKIP LOCKED) RETURNING id, customer, side, state"""
)


class Referrals:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def codes_of(self, customers: Collection[str]) -> dict[str, str]:
        """The codes of those customers that have one."""
        r = referral_code.c
        query = select(r.customer, r.code).where(r.customer == among(customers))
        return {row.customer: row.code for row in await self._connection.execute(query)}

    async def give(self, codes: Mapping[str, str], now: datetime) -> Collection[str]:
        """These are their codes, by customer; returns who has got it: a code may be somebody's already."""
        given = [
            {"customer": id_, "code": code, "made_at": now} for id_, code in sorted(codes.items())
        ]
        new = insert(referral_code).values(given).on_conflict_do_nothing()
        asked = new.returning(referral_code.c.customer)
        return set((await self._connection.execute(asked)).scalars())

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

    async def reverse(self, friend: str, order: str, now: datetime) -> Sequence[Row[Any]]:
        """Both rewards of a friend's order are taken back, if they are not final; which."""
        mine = select(reward.c.redemption).where(
            reward.c.customer == friend, reward.c.side == "friend", reward.c.order == order
        )
        change = (
            update(reward)
            .where(reward.c.redemption.in_(mine), reward.c.state == PENDING)
            .values(state="reversed", settled_at=now, due_at=None)
            .returning(reward.c.id, reward.c.customer, reward.c.side, reward.c.state)
        )
        rewards = (await self._connection.execute(change)).all()
        return sorted(rewards, key=lambda row: row.id)

    async def settle(self, now: datetime, limit: int) -> Sequence[Row[Any]]:
        """Those whose time to send the order back is over are final; which."""
        asked = {"now": now, "limit": limit}
        return (await self._connection.execute(_SETTLE, asked)).all()

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
