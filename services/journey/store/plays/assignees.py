"""Who is given tasks of a team, and which team does a share of a play's tasks."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.plays.assignment import Assignment
from services.journey.domain.plays.owner import Member
from services.journey.store.tables import among, assignment, member, task
from shared.db import rows


class Members:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self) -> None:
        """Nobody else gives a task to anybody until the transaction ends.

        All of them, in one order: a unit that gives tasks of two teams waits for no other one.
        """
        held = select(member.c.who).order_by(member.c.team, member.c.who).with_for_update()
        await self._connection.execute(held)

    async def of(self, teams: Collection[str]) -> dict[str, list[Member]]:
        """The people of teams, with what each has to do."""
        have = (
            select(task.c.owner, func.count().label("open"))
            .where(task.c.state == "claimed")
            .group_by(task.c.owner)
            .subquery()
        )
        query = (
            select(member, func.coalesce(have.c.open, 0).label("open"))
            .outerjoin(have, have.c.owner == member.c.who)
            .where(member.c.team == among(teams))
            .order_by(member.c.team, member.c.who)
        )
        members: dict[str, list[Member]] = {name: [] for name in teams}
        for row in await self._connection.execute(query):
            known = Member(row.who, frozenset(row.skills), row.open, row.given_at)
            members[row.team].append(known)
        return members

    async def one(self, team: str, who: str) -> Row[Any] | None:
        """One of them, held."""
        query = select(member).where(member.c.team == team, member.c.who == who).with_for_update()
        return (await self._connection.execute(query)).one_or_none()

    async def put(self, written: Mapping[str, Any]) -> None:
        """Add somebody, or change what they can do."""
        await rows.upsert(self._connection, member, [written], only=("skills",))

    async def note_given(self, given: Mapping[tuple[str, str], datetime | None]) -> None:
        """When people, by (team, who), were given tasks last."""
        written = [{"team": key[0], "who": key[1], "given_at": given[key]} for key in sorted(given)]
        await rows.update(self._connection, member, written)

    async def drop(self, team: str, who: str) -> None:
        """They are given no more."""
        gone = delete(member).where(member.c.team == team, member.c.who == who)
        await self._connection.execute(gone)


class Assignments:
    """The rows of one transaction; the plays are held by who changes them."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def holding(self, plays: Collection[str]) -> list[Assignment]:
        """Those of plays that hold now."""
        query = select(assignment).where(
            assignment.c.play == among(plays), assignment.c.ended_at.is_(None)
        )
        return [
            Assignment(row.play, row.step, row.team, row.percent)
            for row in await self._connection.execute(query)
        ]

    async def of_play(self, play: str, limit: int) -> Sequence[Row[Any]]:
        """Those of a play, what holds first, then the newest."""
        a = assignment.c
        query = select(assignment).where(a.play == play)
        query = query.order_by(a.ended_at.is_not(None), a.begun_at.desc(), a.id).limit(limit)
        return (await self._connection.execute(query)).all()

    async def one(self, id_: str) -> Row[Any] | None:
        """One of them."""
        query = select(assignment).where(assignment.c.id == id_)
        return (await self._connection.execute(query)).one_or_none()

    async def of_step(self, play: str, step: str | None) -> Row[Any] | None:
        """The one of a step, or of the whole play, that holds now."""
        a = assignment.c
        query = select(assignment).where(
            a.play == play, a.step.is_not_distinct_from(step), a.ended_at.is_(None)
        )
        return (await self._connection.execute(query)).one_or_none()

    async def begin(self, written: Mapping[str, Any]) -> None:
        """From now on a share goes to another team."""
        await rows.insert_new(self._connection, assignment, [written])

    async def end(self, id_: str, now: datetime, who: str) -> None:
        """From now on it does not."""
        ended = update(assignment).where(assignment.c.id == id_)
        await self._connection.execute(ended.values(ended_at=now, ended_by=who))
