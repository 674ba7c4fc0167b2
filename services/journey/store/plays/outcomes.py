"""How runs came to their ends, counted by day."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, case, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.plays.outcome import Fate, Runs
from services.journey.store.tables import run, run_line, task
from shared.db.tables import TIME

DAY_S = 86_400
_FATE: ColumnElement[str] = case(
    (run.c.state != "ended", "waiting"),
    (run.c.ending.in_(("reached", "left")), run.c.ending),
    else_="unseen",
)


class Outcomes:
    """Reads on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def by_play(self, now: datetime, play: str | None = None) -> Mapping[str, Sequence[Runs]]:
        """Runs of every play, or of one, by how they ended and after how many days."""
        until = func.coalesce(run.c.ended_at, literal(now, TIME))
        spent = func.extract("epoch", until - run.c.entered_at)
        days = cast(func.floor(func.greatest(spent, 0) / DAY_S), Integer).label("days")
        which = (run.c.play, run.c.control, run.c.version, _FATE.label("fate"), days)
        query = select(*which, func.count().label("runs")).group_by(*which)
        if play is not None:
            query = query.where(run.c.play == play)
        counted: dict[str, list[Runs]] = {}
        for row in await self._connection.execute(query):
            of_play = counted.setdefault(row.play, [])
            of_play.append(Runs(row.control, row.version, row.fate, row.days, row.runs))
        return counted

    async def by_team(self, play: str) -> Mapping[str, Mapping[Fate, int]]:
        """Runs of a play in which a team did a task, by team and how they ended."""
        which = (task.c.team, _FATE.label("fate"))
        query = (
            select(*which, func.count(run.c.id.distinct()).label("runs"))
            .join_from(task, run, run.c.id == task.c.run)
            .where(task.c.play == play, task.c.state == "done", ~run.c.control)
            .group_by(*which)
        )
        counted: dict[str, dict[Fate, int]] = {}
        for row in await self._connection.execute(query):
            counted.setdefault(row.team, {})[row.fate] = row.runs
        return counted

    async def by_step(self, play: str) -> Mapping[str, Mapping[str, int]]:
        """How often runs of a play began a step, under the empty word, and what came of it, by its word."""
        begun = run_line.c.what == "begun"
        word = case((begun, ""), else_=func.split_part(run_line.c.why, ": ", 1)).label("word")
        query = (
            select(run_line.c.step, word, func.count().label("times"))
            .join_from(run, run_line, run_line.c.run == run.c.id)
            .where(run.c.play == play, ~run.c.control, run_line.c.what.in_(("begun", "outcome")))
            .group_by(run_line.c.step, word)
        )
        counted: dict[str, dict[str, int]] = {}
        for row in await self._connection.execute(query):
            counted.setdefault(row.step, {})[row.word] = row.times
        return counted
