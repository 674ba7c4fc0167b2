"""Effects in PostgreSQL: planned, claimed, written back, counted, pruned. Locks skip each other."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.effects.effect import Effect, Planned

_COLUMNS = ", ".join(field.name for field in fields(Effect))

_PLAN = text(
    """INSERT INTO effect (id, kind, about, payload, secret, state, planned_at, due_at, deadline_at)
    VALUES (:id, :kind, :about, :payload, :secret, 'planned', :now, :due_at, :deadline_at)
    ON CONFLICT (id) DO NOTHING"""
).bindparams(bindparam("payload", type_=JSONB))
_DUE = text(
    f"""SELECT {_COLUMNS} FROM effect
    WHERE kind = :kind AND state = 'planned' AND due_at <= :now
    ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED"""  # noqa: S608 - our own names
)
_LAPSED = text(
    f"""SELECT {_COLUMNS} FROM effect
    WHERE state IN ('claimed', 'dispatched') AND lease_until < now() AND kind = ANY(:kinds)
    ORDER BY lease_until LIMIT :limit FOR UPDATE SKIP LOCKED"""  # noqa: S608 - our own names
)
_HOLD = text(f"SELECT {_COLUMNS} FROM effect WHERE id = :id FOR UPDATE")  # noqa: S608 - our own names
_WRITE = text(
    """UPDATE effect e SET state = v.state, attempts = v.attempts, repeats = v.repeats,
      due_at = v.due_at, lease = v.lease, settled_at = v.settled_at, why = v.why,
      lease_until = CASE WHEN v.lease IS NOT NULL THEN now() + CAST(:lease_for AS interval) END,
      secret = CASE WHEN v.settled_at IS NULL OR v.state = 'unknown' THEN e.secret END
    FROM json_to_recordset(CAST(:rows AS json)) AS v(id text, held text, state text,
      attempts smallint, repeats smallint, due_at timestamptz, lease text, settled_at timestamptz,
      why text)
    WHERE e.id = v.id AND e.lease IS NOT DISTINCT FROM v.held RETURNING e.id"""
)
_COUNTS = text(
    """SELECT kind, count(*) FILTER (WHERE state <> 'unknown') AS waiting,
      count(*) FILTER (WHERE state = 'unknown') AS unknown,
      min(due_at) FILTER (WHERE state = 'planned') AS due_at
    FROM effect WHERE state NOT IN ('accepted', 'failed', 'suppressed') GROUP BY kind"""
)
_PRUNE = text(
    """DELETE FROM effect WHERE id IN (SELECT id FROM effect
    WHERE settled_at < :before ORDER BY settled_at LIMIT 5000 FOR UPDATE SKIP LOCKED)"""
)
_FORGET = text("DELETE FROM effect WHERE about = ANY(:abouts)")
_LIST = text(
    f"""SELECT {_COLUMNS} FROM effect
    WHERE (CAST(:states AS text[]) IS NULL OR state = ANY(:states))
      AND (CAST(:kind AS text) IS NULL OR kind = :kind)
      AND (CAST(:about AS text) IS NULL OR about = :about)
      AND (CAST(:at AS timestamptz) IS NULL OR (planned_at, id) < (:at, :id))
    ORDER BY planned_at DESC, id DESC LIMIT :limit"""  # noqa: S608 - our own names
)


class Change(NamedTuple):
    """An effect, and the lease under which it was held before the change."""

    effect: Effect
    held: str | None


class Count(NamedTuple):
    """What there is of one kind; `due_at` of the planned one that is due first."""

    kind: str
    waiting: int
    unknown: int
    due_at: datetime | None


async def plan(connection: AsyncConnection, planned: Sequence[Planned], now: datetime) -> None:
    """Plan effects, in the transaction that decides them; what was planned before stays."""
    if planned:
        rows = [
            {field.name: getattr(effect, field.name) for field in fields(effect)}
            for effect in planned
        ]
        await connection.execute(_PLAN, [{**row, "now": now} for row in rows])


async def due(connection: AsyncConnection, kind: str, limit: int, now: datetime) -> list[Effect]:
    """What is planned and due, the longest due first, held until the transaction ends."""
    result = await connection.execute(_DUE, {"kind": kind, "limit": limit, "now": now})
    return [_effect(row) for row in result]


async def lapsed(connection: AsyncConnection, kinds: Sequence[str], limit: int) -> list[Effect]:
    """What somebody has had for longer than its lease, held until the transaction ends."""
    result = await connection.execute(_LAPSED, {"kinds": list(kinds), "limit": limit})
    return [_effect(row) for row in result]


async def hold(connection: AsyncConnection, id_: str) -> Effect | None:
    """One effect, held until the transaction ends."""
    row = (await connection.execute(_HOLD, {"id": id_})).one_or_none()
    return None if row is None else _effect(row)


async def write(
    connection: AsyncConnection, changes: Sequence[Change], lease_for: timedelta = timedelta(0)
) -> set[str]:
    """Write effects back; returns the ids of those that were still held as we thought."""
    if not changes:
        return set()
    names = ("id", "state", "attempts", "repeats", "due_at", "lease", "settled_at", "why")
    rows = [
        {**{name: getattr(effect, name) for name in names}, "held": held}
        for effect, held in changes
    ]
    values = {"rows": msgspec.json.encode(rows).decode(), "lease_for": lease_for}
    return set((await connection.execute(_WRITE, values)).scalars())


async def counts(connection: AsyncConnection) -> list[Count]:
    """What waits and what nobody knows, by kind."""
    return [Count(*row) for row in await connection.execute(_COUNTS)]


async def prune(connection: AsyncConnection, before: datetime) -> int:
    """Delete up to 5,000 that were settled before then; returns how many."""
    return int((await connection.execute(_PRUNE, {"before": before})).rowcount)


async def forget(connection: AsyncConnection, abouts: Sequence[str]) -> None:
    """Delete all that are about these, done or not: they are erased."""
    await connection.execute(_FORGET, {"abouts": list(abouts)})


async def listed(
    connection: AsyncConnection,
    *,
    states: Sequence[str] | None,
    kind: str | None,
    about: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Effect]:
    """Effects, newest first."""
    at, id_ = (None, None) if after is None else after
    values = {"states": states and list(states), "kind": kind, "about": about}
    result = await connection.execute(_LIST, {**values, "at": at, "id": id_, "limit": limit})
    return [_effect(row) for row in result]


def _effect(row: Row[Any]) -> Effect:
    return Effect(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
