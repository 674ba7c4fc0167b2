"""The inbox: ids of events that have no sequence, each taken once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

KEPT = timedelta(days=30)  # longer than any topic keeps its records, and a backup of two weeks
PRUNED_AT_ONCE = 5_000

_ADD = text(
    """INSERT INTO inbox (id, topic, seen_at)
    SELECT v.id, :topic, v.seen_at FROM unnest(CAST(:ids AS text[]), CAST(:at AS timestamptz[]))
      AS v(id, seen_at) ORDER BY v.id
    ON CONFLICT (id) DO NOTHING RETURNING id"""
)
_PRUNE = text(
    """DELETE FROM inbox WHERE id IN (SELECT id FROM inbox
    WHERE seen_at < :before ORDER BY seen_at LIMIT :limit)"""
)


async def add(
    connection: AsyncConnection, topic: str, seen: Sequence[tuple[str, datetime]]
) -> set[str]:
    """Add (id, arrival) pairs; returns the ids that were not there before."""
    first = dict(reversed(seen))
    result = await connection.execute(
        _ADD, {"topic": topic, "ids": list(first), "at": list(first.values())}
    )
    return set(result.scalars())


async def prune(connection: AsyncConnection, before: datetime) -> int:
    """Delete the oldest ids seen before a moment, at most PRUNED_AT_ONCE; returns how many."""
    result = await connection.execute(_PRUNE, {"before": before, "limit": PRUNED_AT_ONCE})
    return int(result.rowcount)
