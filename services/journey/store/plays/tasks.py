"""Tasks of teams: opened, claimed, done, cancelled."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import among, call, portfolio, task
from shared.db import rows

OPEN = ("open", "claimed")
_WITH_CSM = (
    select(task, portfolio.c.csm, call.c.id.label("call"))
    .outerjoin(portfolio, portfolio.c.customer == task.c.customer)
    .outerjoin(call, call.c.task == task.c.id)
)


class Tasks:
    """The rows of one transaction; their customers are held."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(self, opened: Sequence[Mapping[str, Any]]) -> None:
        """Open tasks; the same step of a run opens it once."""
        await rows.insert_new(self._connection, task, opened)

    async def cancel(self, runs: Sequence[str], now: datetime) -> list[Row[Any]]:
        """Nobody needs to do the open tasks of these runs any more; those that it was.

        A time that was agreed with the customer is kept, whatever becomes of the run, and so is a reply of theirs.
        """
        if not runs:
            return []
        changed = (
            update(task)
            .where(task.c.run == among(runs), task.c.state.in_(OPEN))
            .where(task.c.starts_at.is_(None), task.c.reply_to.is_(None))
            .values(state="cancelled", done_at=now, version=task.c.version + 1)
            .returning(task)
        )
        return list((await self._connection.execute(changed)).all())

    async def drop(self, id_: str, now: datetime) -> Row[Any] | None:
        """Nobody needs to do this one any more; None: it was not open."""
        changed = (
            update(task)
            .where(task.c.id == id_, task.c.state.in_(OPEN))
            .values(state="cancelled", done_at=now, version=task.c.version + 1)
            .returning(task)
        )
        dropped: Row[Any] | None = (await self._connection.execute(changed)).one_or_none()
        return dropped

    async def one(self, id_: str) -> Row[Any] | None:
        """One task."""
        return (await self._connection.execute(_WITH_CSM.where(task.c.id == id_))).one_or_none()

    async def of_talk(self, talk: str) -> Row[Any] | None:
        """The next step of a conversation."""
        query = _WITH_CSM.where(task.c.talk == talk)
        return (await self._connection.execute(query)).one_or_none()

    async def change(self, id_: str, written: Mapping[str, Any]) -> None:
        """Write a change."""
        await self._connection.execute(update(task).where(task.c.id == id_).values(dict(written)))

    async def listed(
        self,
        teams: Sequence[str],
        owner: str | None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[Row[Any]]:
        """Open tasks of teams, or those somebody has; what is due first comes first."""
        query = _WITH_CSM.where(task.c.state.in_(OPEN), task.c.team == among(teams))
        if owner is not None:
            query = query.where(task.c.owner == owner, task.c.state == "claimed")
        if after is not None:
            query = query.where(tuple_(task.c.due_at, task.c.id) > after)
        query = query.order_by(task.c.due_at, task.c.id).limit(limit)
        return (await self._connection.execute(query)).all()

    async def of_customer(self, id_: str) -> Sequence[Row[Any]]:
        """All tasks about a customer, the newest first."""
        query = (
            select(task).where(task.c.customer == id_).order_by(task.c.opened_at.desc(), task.c.id)
        )
        return (await self._connection.execute(query)).all()

    async def counts(self, now: datetime) -> Sequence[Row[Any]]:
        """By team: open ones, how many of them late, and those that are done."""
        open_ = task.c.state.in_(OPEN)
        late = or_(task.c.due_at < func.coalesce(task.c.done_at, now))
        query = select(
            task.c.team,
            func.count().filter(open_).label("open"),
            func.count().filter(task.c.state == "done").label("done"),
            func.count().filter(late, task.c.state != "cancelled").label("late"),
        ).group_by(task.c.team)
        return (await self._connection.execute(query)).all()
