"""Runs and their traces. Whoever holds a customer may change the customer's runs, nobody else."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.days import moment_of, seconds
from services.journey.domain.plays.run import Line, Moved, Run
from services.journey.domain.plays.start import LeftOut
from services.journey.store.tables import (
    among,
    customer,
    effect,
    left_out,
    message,
    run,
    run_line,
)
from shared.db import rows

_DUE = text(
    """SELECT r.id, r.customer FROM run r JOIN customer c ON c.id = r.customer
    WHERE r.due_at <= :now ORDER BY r.due_at, r.id LIMIT :limit FOR UPDATE OF c SKIP LOCKED"""
)
_NEWEST = text(
    """SELECT DISTINCT ON (customer, play, subject) * FROM run
    WHERE customer = ANY(CAST(:customers AS text[])) AND play = ANY(CAST(:plays AS text[]))
    ORDER BY customer, play, subject, rotation DESC"""
)

# each at its own moment, always the same: what they wait for goes out spread
_SWEEP = text(
    """UPDATE run SET due_at = least(due_at, CAST(:now AS timestamptz)
      + make_interval(secs => (hashtext(id) & 1023) * 600.0 / 1024))
    WHERE play = :play AND state = 'active' AND due_at IS NOT NULL"""
)


class Runs:
    """The rows of one transaction; their customers are held."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def active(self, customers: Iterable[str]) -> list[Run]:
        """All runs of these customers that go on, in order of their ids."""
        query = (
            select(run)
            .where(run.c.customer == among(customers), run.c.state == "active")
            .order_by(run.c.id)
        )
        return [read(row) for row in await self._connection.execute(query)]

    async def newest(self, customers: Iterable[str], plays: Iterable[str]) -> list[Run]:
        """The newest run of each customer in each of these plays, ended or not."""
        asked = {"customers": sorted(set(customers)), "plays": sorted(set(plays))}
        return [read(row) for row in await self._connection.execute(_NEWEST, asked)]

    async def one(self, id_: str) -> Run | None:
        """One run."""
        result = await self._connection.execute(select(run).where(run.c.id == id_))
        row = result.one_or_none()
        return None if row is None else read(row)

    async def several(self, ids: Iterable[str]) -> dict[str, Run]:
        """Those of these runs that there are, by id."""
        query = select(run).where(run.c.id == among(ids))
        return {row.id: read(row) for row in await self._connection.execute(query)}

    async def due(self, now: datetime, limit: int) -> dict[str, str]:
        """Runs whose time has come, by id, with their customers, who are held from now on.

        Why the customers: whoever moves a run holds its customer first, and the run never alone.
        """
        result = await self._connection.execute(_DUE, {"now": now, "limit": limit})
        return {row.id: row.customer for row in result}

    async def again(self, plays: Sequence[str], now: datetime) -> None:
        """Runs of these that were parked go on: the play is another one."""
        await self._connection.execute(
            update(run)
            .where(run.c.play == among(plays), run.c.state == "parked")
            .values(state="active", due_at=now)
        )

    async def sweep(self, play: str, now: datetime) -> None:
        """Every run of a play is looked at within ten minutes: its steps may wait less than they did."""
        await self._connection.execute(_SWEEP, {"play": play, "now": now})

    async def all_due(self, plays: Sequence[str], now: datetime) -> None:
        """Every run of these that goes on is looked at now: the play has been taken away."""
        await self._connection.execute(
            update(run)
            .where(run.c.play == among(plays), run.c.state != "ended")
            .values(state="active", due_at=now)
        )

    async def go_on(self, play: str, now: datetime) -> None:
        """Every run of a play that was paused is looked at now, and what it holds back is asked again."""
        await self._connection.execute(
            update(run).where(run.c.play == play, run.c.state == "active").values(due_at=now)
        )
        held = select(message.c.id).where(
            message.c.run.in_(select(run.c.id).where(run.c.play == play, run.c.state == "active")),
            message.c.verdict == "hold",
        )
        await self._connection.execute(
            update(effect)
            .where(effect.c.id.in_(held), effect.c.state == "planned")
            .values(due_at=func.least(effect.c.due_at, now))
        )

    async def shift(self, play: str, paused: timedelta) -> None:
        """The pause of a play does not count: neither for its runs' waits nor for what they would say."""
        going = (run.c.play == play, run.c.state == "active", run.c.step.is_not(None))
        seconds_ = int(paused.total_seconds())
        await self._connection.execute(
            update(run).where(*going).values(paused_s=run.c.paused_s + seconds_)
        )
        waits = message.c.verdict.is_(None) | message.c.verdict.in_(("hold", "defer"))
        ids = select(run.c.id).where(*going)
        await self._connection.execute(
            update(message)
            .where(message.c.run.in_(ids), waits)
            .values(planned_at=message.c.planned_at + paused)
        )
        await self._connection.execute(
            update(message)
            .where(message.c.run.in_(ids), message.c.until.is_not(None))
            .values(until=message.c.until + paused)
        )

    async def look_again(self, customers: Collection[str], now: datetime) -> None:
        """Every run of these customers that goes on is looked at: one has noted something."""
        if customers:
            await self._connection.execute(
                update(run)
                .where(run.c.customer == among(customers), run.c.state == "active")
                .values(due_at=func.least(run.c.due_at, now))
            )

    async def save(self, moved: Sequence[Moved], now: datetime) -> None:
        """Write runs and what was added to their traces."""
        await rows.upsert(self._connection, run, [_row(change.run) for change in moved])
        lines = [
            {
                **_line(line),
                "run": change.run.id,
                "n": n,
                "version": change.run.version,
                "noted_at": now,
            }
            for change in moved
            for n, line in enumerate(change.lines, change.run.lines - len(change.lines))
        ]
        await rows.insert_new(self._connection, run_line, lines)

    async def leave_out(self, left: Sequence[LeftOut], now: datetime) -> None:
        """Note what began no run, and why."""
        noted = [
            {
                "customer": without.customer, "play": without.play, "cause": without.cause, "why": without.why,
                "at": moment_of(without.at), "noted_at": now,
            }
            for without in left
        ]  # fmt: skip
        await rows.insert_new(self._connection, left_out, noted)

    async def of_customer(self, id_: str, limit: int) -> Sequence[Row[Any]]:
        """A customer's runs, the newest first."""
        query = (
            select(run)
            .where(run.c.customer == id_)
            .order_by(run.c.entered_at.desc(), run.c.id)
            .limit(limit)
        )
        return (await self._connection.execute(query)).all()

    async def traces(self, ids: Iterable[str]) -> dict[str, list[Row[Any]]]:
        """The traces of runs, in order."""
        query = (
            select(run_line)
            .where(run_line.c.run == among(ids))
            .order_by(run_line.c.run, run_line.c.n)
        )
        by_run: dict[str, list[Row[Any]]] = {}
        for row in await self._connection.execute(query):
            by_run.setdefault(row.run, []).append(row)
        return by_run

    async def not_entered(self, id_: str, limit: int) -> Sequence[Row[Any]]:
        """What began no run of a customer, the newest first."""
        query = (
            select(left_out)
            .where(left_out.c.customer == id_)
            .order_by(left_out.c.at.desc(), left_out.c.play)
            .limit(limit)
        )
        return (await self._connection.execute(query)).all()

    async def exists(self, id_: str) -> bool:
        """Whether there is such a customer."""
        result = await self._connection.execute(select(customer.c.id).where(customer.c.id == id_))
        return result.one_or_none() is not None


def read(row: Row[Any]) -> Run:
    """A run of its row."""
    return Run(
        id=row.id, play=row.play, customer=row.customer, subject=row.subject,
        rotation=row.rotation, cause=row.cause, entered=seconds(row.entered_at),
        version=row.version, state=row.state, step=row.step, visit=row.visit,
        since=seconds(row.since), due=None if row.due_at is None else seconds(row.due_at),
        told=row.told, ending=row.ending,
        ended=None if row.ended_at is None else seconds(row.ended_at), lines=row.lines,
        control=row.control, paused_s=row.paused_s,
    )  # fmt: skip


def _row(run: Run) -> dict[str, Any]:
    return {
        "id": run.id, "customer": run.customer, "play": run.play, "subject": run.subject,
        "rotation": run.rotation, "cause": run.cause, "entered_at": moment_of(run.entered),
        "version": run.version, "state": run.state, "step": run.step, "visit": run.visit,
        "since": moment_of(run.since), "due_at": None if run.due is None else moment_of(run.due),
        "told": run.told, "ending": run.ending,
        "ended_at": None if run.ended is None else moment_of(run.ended), "lines": run.lines,
        "control": run.control, "paused_s": run.paused_s,
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    return {
        "what": line.what, "step": line.step, "visit": line.visit, "why": line.why,
        "at": moment_of(line.at),
    }  # fmt: skip
