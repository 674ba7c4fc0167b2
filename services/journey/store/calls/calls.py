"""Calls at agreed times; whoever changes one holds its customer, and whoever books one its team."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import among, call, task
from shared.calendars.calendar import Interval
from shared.db import rows

BOOKED = "booked"
MOST = 200  # of a customer
_HOLD = text("SELECT pg_advisory_xact_lock(7011, hashtext(:team))")
_DUE = text(
    """SELECT o.* FROM call o JOIN customer c ON c.id = o.customer
    WHERE o.due_at <= :now ORDER BY o.due_at, o.id LIMIT :limit FOR UPDATE OF c SKIP LOCKED"""
)


class Calls:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def offer(self, offered: Sequence[Mapping[str, Any]]) -> None:
        """Write them; the same step of a run offers it once."""
        await rows.insert_new(self._connection, call, offered)

    async def one(self, id_: str) -> Row[Any] | None:
        """One of them."""
        query = select(call).where(call.c.id == id_)
        return (await self._connection.execute(query)).one_or_none()

    async def by_token(self, token: str) -> Row[Any] | None:
        """The call whose page's address ends in this."""
        query = select(call).where(call.c.token == token)
        return (await self._connection.execute(query)).one_or_none()

    async def of_task(self, id_: str) -> Row[Any] | None:
        """The call that somebody keeps by this task."""
        query = select(call).where(call.c.task == id_)
        return (await self._connection.execute(query)).one_or_none()

    async def of_runs(self, runs: Collection[str]) -> dict[tuple[str, int], Row[Any]]:
        """Those that steps of these runs have offered, by run and visit."""
        query = select(call).where(call.c.run == among(runs))
        return {(row.run, row.visit): row for row in await self._connection.execute(query)}

    async def of_customer(self, id_: str) -> Sequence[Row[Any]]:
        """All of a customer, the newest first."""
        query = select(call).where(call.c.customer == id_)
        newest = query.order_by(call.c.offered_at.desc(), call.c.id).limit(MOST)
        return (await self._connection.execute(newest)).all()

    async def hold_team(self, team: str) -> None:
        """Nobody else books a call of this team until the transaction ends."""
        await self._connection.execute(_HOLD, {"team": team})

    async def taken(
        self, team: str, start: datetime, end: datetime, besides: str
    ) -> list[Interval]:
        """When people of a team have agreed to call; of `besides` itself its time is free."""
        c = call.c
        query = select(c.starts_at, c.ends_at).where(
            c.team == team, c.state == BOOKED, c.starts_at < end, c.ends_at > start, c.id != besides
        )
        return [Interval(*row) for row in await self._connection.execute(query)]

    async def change(self, id_: str, written: Mapping[str, Any]) -> None:
        """Write a change."""
        await self._connection.execute(update(call).where(call.c.id == id_).values(dict(written)))

    async def due(self, now: datetime, limit: int) -> Sequence[Row[Any]]:
        """Those to remind of, the longest due first; their customers are held with this."""
        asked = {"now": now, "limit": limit}
        return (await self._connection.execute(_DUE, asked)).all()

    async def reminded(self, ids: Collection[str]) -> None:
        """Nobody needs to be reminded of them any more."""
        await self._connection.execute(
            update(call).where(call.c.id == among(ids)).values(due_at=None)
        )

    async def counts(self) -> dict[str, int]:
        """How many there are, by what has become of them."""
        query = select(call.c.state, func.count()).group_by(call.c.state)
        counted = await self._connection.execute(query)
        return {row.state: row[1] for row in counted}

    async def ahead(
        self,
        teams: Collection[str],
        since: datetime,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[Row[Any]]:
        """Booked calls of teams that have not ended, the next first."""
        c = call.c
        keeps = call.outerjoin(task, task.c.id == c.task)
        query = select(call, task.c.owner).select_from(keeps)
        query = query.where(c.team == among(teams), c.state == BOOKED, c.ends_at > since)
        if after is not None:
            query = query.where(tuple_(c.starts_at, c.id) > tuple_(*after))
        query = query.order_by(c.starts_at, c.id).limit(limit)
        return (await self._connection.execute(query)).all()
