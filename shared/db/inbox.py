"""The inbox: ids of events that have no sequence, each taken once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_ADD = text(
    """INSERT INTO inbox (id, topic, seen_at)
    SELECT v.id, :topic, v.seen_at FROM unnest(CAST(:ids AS text[]), CAST(:at AS timestamptz[]))
      AS v(id, seen_at) ORDER BY v.id
    ON CONFLICT (id) DO NOTHING RETURNING id"""
)
_REMOVE = text("DELETE FROM inbox WHERE id = ANY(:ids)")
_PRUNE = text(
    """DELETE FROM inbox WHERE id IN (SELECT id FROM inbox
    WHERE seen_at < :before ORDER BY seen_at LIMIT 5000)"""
)


async def add(
    connection: AsyncConnection, topic: str, seen: Sequence[tuple[str, datetime]]
) -> set[str]:
    """Add (id, arrival) pairs; returns the ids that were not there before."""
    first = dict(reversed(seen))
    found = await connection.execute(
        _ADD, {"topic": topic, "ids": list(first), "at": list(first.values())}
    )
    return set(found.scalars())


async def remove(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Take ids out again: their events were quarantined."""
    if ids:
        await connection.execute(_REMOVE, {"ids": list(ids)})


async def prune(connection: AsyncConnection, before: datetime) -> int:
    """Delete up to 5,000 ids seen before a moment; returns how many."""
    return int((await connection.execute(_PRUNE, {"before": before})).rowcount)
