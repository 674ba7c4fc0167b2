"""Records set aside: kept with their bytes and a reason, until somebody replays or discards them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import metrics

CONFLICT = "seq_conflict"
CONFLICTS_KEPT = 100  # of one source, with their bytes; older ones become a number
DETAIL_CHARS = 500
HEADERS = 32  # that are kept; ours have nine
HEADER_CHARS = 1_024  # of each, so that a record with a megabyte of them makes no such row


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One record to set aside.

    Attributes:
        id: the event's identity, of a conflict with the hash of its bytes; else its coordinates.
        source: of telemetry that could be read.
    """

    id: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    reason: str
    detail: str
    appended_at: datetime
    arrival: datetime
    source: str | None = None

    @property
    def whose(self) -> str:
        """Whose doing it is, as far as can be told: a source, a key, or nobody else's."""
        if self.source is not None:
            return self.source
        if self.key is not None:
            return self.key.decode("utf-8", "replace")
        return f"{self.topic}:{self.partition}:{self.offset}"


_ADD = text(
    """INSERT INTO quarantine (id, topic, partition, "offset", key, value, headers, reason, detail,
      appended_at, arrival, source)
    VALUES (:id, :topic, :partition, :offset, :key, :value, CAST(:headers AS jsonb), :reason,
      :detail, :appended_at, :arrival, :source)
    ON CONFLICT (id) DO NOTHING"""
)
_SURPLUS = text(
    f"""WITH gone AS (DELETE FROM quarantine WHERE id IN (
      SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY source
          ORDER BY quarantined_at DESC, "offset" DESC) AS place
        FROM quarantine WHERE source = ANY(CAST(:sources AS text[])) AND reason = '{CONFLICT}'
          AND value IS NOT NULL) AS held
      WHERE place > {CONFLICTS_KEPT})
      RETURNING source, topic, partition, "offset", key, appended_at, arrival)
    INSERT INTO quarantine (id, topic, partition, "offset", key, headers, reason, detail,
      appended_at, arrival, source, stands_for)
    SELECT source || ':' || topic, topic, max(partition), max("offset"), max(key), '[]',
      '{CONFLICT}', 'older conflicts of this source, only counted', max(appended_at),
      max(arrival), source, count(*) FROM gone GROUP BY source, topic
    ON CONFLICT (id) DO UPDATE SET stands_for = quarantine.stands_for + EXCLUDED.stands_for,
      "offset" = EXCLUDED."offset", appended_at = EXCLUDED.appended_at,
      arrival = EXCLUDED.arrival, quarantined_at = now()"""  # noqa: S608 - constants of ours
)
_ROWS = text(
    """SELECT id, topic, partition, "offset", reason, detail, attempts, appended_at, arrival,
      quarantined_at, octet_length(value) AS size FROM quarantine
    WHERE (CAST(:topic AS text) IS NULL OR topic = :topic)
      AND (CAST(:reason AS text) IS NULL OR reason = :reason)
    ORDER BY quarantined_at DESC, id LIMIT :limit"""
)
_COUNTS = text(
    """SELECT topic, reason, CAST(sum(stands_for) AS bigint) AS count FROM quarantine
    GROUP BY topic, reason ORDER BY 1, 2"""
)
_GROUPS = text(
    """SELECT topic, reason, CAST(sum(stands_for) AS bigint) AS count, min(quarantined_at) AS oldest_at,
      count(*) FILTER (WHERE quarantined_at > now() - interval '1 hour') AS last_hour
    FROM quarantine GROUP BY topic, reason ORDER BY 1, 2"""
)
_IDS = text(
    """SELECT id FROM quarantine WHERE (CAST(:topic AS text) IS NULL OR topic = :topic)
      AND (CAST(:reason AS text) IS NULL OR reason = :reason) ORDER BY quarantined_at, id"""
)
_BYTES = text("SELECT id, key, value, headers FROM quarantine WHERE id = ANY(:ids)")
_REMOVE = text("DELETE FROM quarantine WHERE id = :id")
# by key and by what the value names; of a device what names nobody, as it cannot be read
_PURGE = text(
    """DELETE FROM quarantine q WHERE q.key = ANY(CAST(:customers AS bytea[]))
      OR EXISTS (SELECT 1 FROM unnest(CAST(:names AS bytea[])) AS n(name)
        WHERE position(n.name IN q.value) > 0)
      OR (q.key = ANY(CAST(:sources AS bytea[]))
        AND (q.value IS NULL OR position(CAST('"customer":"' AS bytea) IN q.value) = 0))"""
)


async def add(connection: AsyncConnection, aside: Sequence[Quarantined]) -> None:
    """Set records aside in the caller's transaction; one already there stays as it is.

    Of conflicts, which nobody can replay, the newest CONFLICTS_KEPT of a source stay.
    """
    if not aside:
        return
    await connection.execute(
        _ADD,
        [
            {
                "id": row.id,
                "topic": row.topic,
                "partition": row.partition,
                "offset": row.offset,
                "key": row.key,
                "value": row.value,
                "headers": msgspec.json.encode(_headers(row.headers)).decode(),
                "reason": row.reason,
                "detail": row.detail[:DETAIL_CHARS].replace("\x00", ""),
                "appended_at": row.appended_at,
                "arrival": row.arrival,
                "source": row.source,
            }
            for row in aside
        ],
    )
    conflicting = {row.source for row in aside if row.reason == CONFLICT} - {None}
    if conflicting:
        await connection.execute(_SURPLUS, {"sources": sorted(map(str, conflicting))})
    for row in aside:
        metrics.QUARANTINED.labels(topic=row.topic, reason=row.reason).inc()


async def purge(
    connection: AsyncConnection, customers: Sequence[str], sources: Sequence[str]
) -> int:
    """Remove for good what concerns these customers; returns how many records.

    Args:
        sources: devices and apps of theirs: what cannot be read may be about them.
    """
    gone = await connection.execute(
        _PURGE,
        {
            "customers": [f"c:{customer}".encode() for customer in customers],
            "names": [f'"{customer}"'.encode() for customer in customers],
            "sources": [f"d:{source}".encode() for source in sources],
        },
    )
    return int(gone.rowcount)


def _headers(headers: Sequence[tuple[str, bytes | None]]) -> list[tuple[str, str]]:
    """Headers as jsonb takes them: text without NUL, cut where they are too long or too many."""
    return [
        (_text(name.encode("utf-8", "replace")), _text(value or b""))
        for name, value in list(headers)[:HEADERS]
    ]


def _text(value: bytes) -> str:
    return value[:HEADER_CHARS].decode("utf-8", "replace").replace("\0", "\ufffd")


async def rows(
    connection: AsyncConnection, limit: int, topic: str | None = None, reason: str | None = None
) -> list[dict[str, Any]]:
    """The newest rows, without their bytes, by topic and reason; None matches all."""
    wanted = {"limit": limit, "topic": topic, "reason": reason}
    return [dict(row) for row in (await connection.execute(_ROWS, wanted)).mappings()]


class Content(NamedTuple):
    """What a record carried, as text."""

    key: str | None
    headers: list[tuple[str, str]]
    value: str | None


async def contents(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Content]:
    """What the rows carried, by their ids."""
    result = await connection.execute(_BYTES, {"ids": ids})
    return {
        row["id"]: Content(_decoded(row["key"]), row["headers"], _decoded(row["value"]))
        for row in result.mappings()
    }


def _decoded(value: bytes | None) -> str | None:
    return None if value is None else bytes(value).decode("utf-8", "replace")


async def counts(connection: AsyncConnection) -> list[dict[str, Any]]:
    """How many wait, by topic and reason."""
    return [dict(row) for row in (await connection.execute(_COUNTS)).mappings()]


async def groups(connection: AsyncConnection) -> list[dict[str, Any]]:
    """As `counts`, and since when each group has been there, and whether it grows."""
    return [dict(row) for row in (await connection.execute(_GROUPS)).mappings()]


async def matching(connection: AsyncConnection, topic: str | None, reason: str | None) -> list[str]:
    """Ids of rows by topic and reason, oldest first; None matches all."""
    result = await connection.execute(_IDS, {"topic": topic, "reason": reason})
    return list(result.scalars())


async def discard(connection: AsyncConnection, id_: str) -> bool:
    """Remove a row for good; False when it is not there."""
    return (await connection.execute(_REMOVE, {"id": id_})).rowcount == 1
