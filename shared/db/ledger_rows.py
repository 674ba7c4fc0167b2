"""What the ledger shows: events counted, and numbers that nobody has told."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.events import TELEMETRY

MANY_GAPS = 1_000  # of a source within a day: its counter jumps, or most of what it says is lost
NAMED = 100  # sources with so many that are looked for
TOPIC_OF_STREAM = {event.STREAM: event.TOPIC for event in TELEMETRY}

_CARDINALITY = text(
    """SELECT stream, coalesce(sum(upper(r) - lower(r)), 0) AS seqs
    FROM ledger, LATERAL unnest(seqs) AS r GROUP BY stream"""
)


_FRAGMENTED = text(
    """SELECT source FROM ledger, LATERAL (SELECT count(*) - 1 AS gaps FROM unnest(seqs)) AS g
    WHERE max_at > :since GROUP BY source HAVING sum(greatest(gaps, 0)) > :many
    ORDER BY sum(greatest(gaps, 0)) DESC, source LIMIT :named"""
)

_GAPS = """SELECT source, stream, sum(gaps) AS gaps, sum(missing) AS missing, max(max_at) AS last_at
    FROM (SELECT source, stream, max_at, seqs + coalesce(dropped, '{}') AS told FROM ledger
      WHERE max_at > :since) AS l,
      LATERAL (SELECT count(*) - 1 AS gaps,
        max(upper(r)) - min(lower(r)) - sum(upper(r) - lower(r)) AS missing
        FROM unnest(told) AS r) AS g
    WHERE gaps > 0 GROUP BY source, stream
    ORDER BY sum(missing) DESC, source, stream LIMIT :limit"""
_ALL_GAPS, _GAPS_OF = text(_GAPS), text(_GAPS.replace(":since", ":since AND source = :source"))


async def cardinality(connection: AsyncConnection) -> dict[str, int]:
    """Distinct sequenced events counted, by topic."""
    result = await connection.execute(_CARDINALITY)
    return {TOPIC_OF_STREAM[stream]: int(seqs) for stream, seqs in result}


async def fragmented(connection: AsyncConnection, since: datetime) -> list[str]:
    """Sources with more than MANY_GAPS gaps in what they have said lately, the worst first.

    Args:
        since: rows whose latest raw `at` is after it are looked at, whole.
    """
    given = {"since": since, "many": MANY_GAPS, "named": NAMED}
    return list((await connection.execute(_FRAGMENTED, given)).scalars())


async def gaps(
    connection: AsyncConnection, since: datetime, limit: int, source: str | None = None
) -> list[dict[str, Any]]:
    """Streams with numbers that nobody has told, neither as events nor as dropped; the most first.

    Looks at the rows of all sources that were heard since then, each by itself: numbers missing
    exactly between two blocks of 4,096 are not seen. With a `source` only its own.
    """
    asked = {"since": since, "limit": limit}
    if source is None:
        result = await connection.execute(_ALL_GAPS, asked)
    else:
        result = await connection.execute(_GAPS_OF, {**asked, "source": source})
    return [dict(row) for row in result.mappings()]
