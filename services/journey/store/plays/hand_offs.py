"""Hand-offs of tasks between teams: offered, answered, measured."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import among, hand_off, task
from shared.db import rows

OFFERED = "offered"
ANSWERED = ("accepted", "declined", "expired")
WITHDRAWN = "withdrawn"
Side = Literal["taker", "giver"]
_DUE = text(
    """SELECT h.* FROM hand_off h JOIN customer c ON c.id = h.customer
    WHERE h.due_at <= :now ORDER BY h.due_at, h.id LIMIT :limit FOR UPDATE OF c SKIP LOCKED"""
)
_WITH_TASK = (
    hand_off,
    task.c.title,
    task.c.says,
    task.c.state.label("task_state"),
    task.c.team,
    task.c.play,
)


_WAITED = func.extract("epoch", hand_off.c.settled_at - hand_off.c.offered_at)
_MEDIAN = (
    func.percentile_cont(0.5)
    .within_group(_WAITED)
    .filter(hand_off.c.state.in_(ANSWERED))
    .label("median_s")
)


class HandOffs:
    """The rows of one transaction; their customers are held."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def offer(self, row: Mapping[str, Any]) -> None:
        """Offer one; the same twice is once."""
        await rows.insert_new(self._connection, hand_off, [row])

    async def one(self, id_: str) -> Row[Any] | None:
        """One, with the words of its task."""
        query = select(*_WITH_TASK).join_from(hand_off, task).where(hand_off.c.id == id_)
        return (await self._connection.execute(query)).one_or_none()

    async def of_task(self, id_: str) -> Sequence[Row[Any]]:
        """All of a task, the oldest first."""
        query = (
            select(hand_off)
            .where(hand_off.c.task == id_)
            .order_by(hand_off.c.offered_at, hand_off.c.id)
        )
        return (await self._connection.execute(query)).all()

    async def of_customer(self, id_: str) -> Sequence[Row[Any]]:
        """All about a customer, the newest first."""
        query = (
            select(*_WITH_TASK)
            .join_from(hand_off, task)
            .where(hand_off.c.customer == id_)
            .order_by(hand_off.c.offered_at.desc(), hand_off.c.id)
        )
        return (await self._connection.execute(query)).all()

    async def change(self, id_: str, written: Mapping[str, Any]) -> None:
        """Write a change."""
        await self._connection.execute(
            update(hand_off).where(hand_off.c.id == id_).values(dict(written))
        )

    async def take_back(self, tasks: Sequence[str], now: datetime) -> list[Row[Any]]:
        """What is offered of these tasks is so no longer; those that it was."""
        if not tasks:
            return []
        changed = (
            update(hand_off)
            .where(hand_off.c.task == among(tasks), hand_off.c.state == OFFERED)
            .values(state=WITHDRAWN, settled_at=now, due_at=None, version=hand_off.c.version + 1)
            .returning(hand_off)
        )
        return list((await self._connection.execute(changed)).all())

    async def due(self, now: datetime, limit: int) -> Sequence[Row[Any]]:
        """Those nobody has answered in time; their customers are held from now on."""
        result = await self._connection.execute(_DUE, {"now": now, "limit": limit})
        return result.all()

    async def listed(
        self, teams: Sequence[str], side: Side, state: str,
        after: tuple[datetime, str] | None, limit: int,
    ) -> Sequence[Row[Any]]:  # fmt: skip
        """Those of teams that take, or give: what expires first comes first."""
        of_teams = hand_off.c[side] == among(teams)
        query = (
            select(*_WITH_TASK).join_from(hand_off, task).where(of_teams, hand_off.c.state == state)
        )
        if after is not None:
            query = query.where(tuple_(hand_off.c.expires_at, hand_off.c.id) > after)
        query = query.order_by(hand_off.c.expires_at, hand_off.c.id).limit(limit)
        return (await self._connection.execute(query)).all()

    async def matrix(self, since: datetime) -> Sequence[Row[Any]]:
        """By giver and taker, of those offered since: how many, what became of them, the median wait."""
        query = (
            select(
                hand_off.c.giver,
                hand_off.c.taker,
                func.count().label("offers"),
                _counted(OFFERED),
                *(_counted(state) for state in (*ANSWERED, WITHDRAWN)),
                _MEDIAN,
            )
            .where(hand_off.c.offered_at >= since)
            .group_by(hand_off.c.giver, hand_off.c.taker)
            .order_by(hand_off.c.giver, hand_off.c.taker)
        )
        return (await self._connection.execute(query)).all()

    async def totals(self) -> Mapping[str, Any]:
        """What became of all that were offered, and the median wait, in seconds."""
        query = select(*(_counted(state) for state in ANSWERED), _MEDIAN)
        return dict((await self._connection.execute(query)).mappings().one())


def _counted(state: str) -> Any:
    return func.count().filter(hand_off.c.state == state).label(state)
