"""Records set aside: kept with their bytes and a reason, and put back through the same door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import metrics
from shared.db import trouble
from shared.errors import Unprocessable

if TYPE_CHECKING:
    from shared.stream.apply import Handle

CONFLICT = "seq_conflict"
DETAIL_CHARS = 500


@dataclass(frozen=True, slots=True)
class Aside:
    """One record to set aside; `id` is the event's identity, else its coordinates."""

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


_ADD = text(
    """INSERT INTO quarantine (id, topic, partition, "offset", key, value, headers, reason, detail,
      appended_at, arrival)
    VALUES (:id, :topic, :partition, :offset, :key, :value, CAST(:headers AS jsonb), :reason,
      :detail, :appended_at, :arrival)
    ON CONFLICT (id) DO NOTHING"""
)
_ROWS = text(
    """SELECT id, topic, partition, "offset", reason, detail, attempts, appended_at, arrival,
      quarantined_at, octet_length(value) AS size FROM quarantine
    ORDER BY quarantined_at DESC, id LIMIT :limit"""
)
_COUNTS = text(
    "SELECT topic, reason, count(*) AS count FROM quarantine GROUP BY topic, reason ORDER BY 1, 2"
)
_FIND = text("SELECT * FROM quarantine WHERE id = :id FOR UPDATE")
_IDS = text(
    """SELECT id FROM quarantine WHERE (CAST(:topic AS text) IS NULL OR topic = :topic)
      AND (CAST(:reason AS text) IS NULL OR reason = :reason) ORDER BY quarantined_at, id"""
)
_REMOVE = text("DELETE FROM quarantine WHERE id = :id")
_FAILED = text(
    """UPDATE quarantine SET attempts = attempts + 1, reason = :reason, detail = :detail
    WHERE id = :id"""
)


async def add(connection: AsyncConnection, aside: Sequence[Aside]) -> None:
    """Set records aside in the caller's transaction; one already there stays as it is."""
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
                "headers": msgspec.json.encode(
                    [(name, value.decode("utf-8", "replace")) for name, value in row.headers]
                ).decode(),
                "reason": row.reason,
                "detail": row.detail[:DETAIL_CHARS].replace("\x00", ""),
                "appended_at": row.appended_at,
                "arrival": row.arrival,
            }
            for row in aside
        ],
    )
    for row in aside:
        metrics.QUARANTINED.labels(topic=row.topic, reason=row.reason).inc()


async def rows(connection: AsyncConnection, limit: int) -> list[dict[str, Any]]:
    """The newest rows, without their bytes."""
    return [dict(row) for row in (await connection.execute(_ROWS, {"limit": limit})).mappings()]


async def counts(connection: AsyncConnection) -> list[dict[str, Any]]:
    """How many wait, by topic and reason."""
    return [dict(row) for row in (await connection.execute(_COUNTS)).mappings()]


async def matching(connection: AsyncConnection, topic: str | None, reason: str | None) -> list[str]:
    """Ids of rows by topic and reason, oldest first; None matches all."""
    found = await connection.execute(_IDS, {"topic": topic, "reason": reason})
    return list(found.scalars())


async def discard(connection: AsyncConnection, id_: str) -> bool:
    """Remove a row for good; False when it is not there."""
    return (await connection.execute(_REMOVE, {"id": id_})).rowcount == 1


async def replay(
    engine: AsyncEngine,
    service: str,
    handlers: Mapping[str, "Handle"],
    ids: Sequence[str],
    now: datetime,
) -> dict[str, str]:
    """Put rows back through the handler: row removed, seq counted, effect applied, or none of it.

    Returns: per id `replayed`, `duplicate`, `gone`, or what failed again.
    """
    return {id_: await _replay_one(engine, service, handlers, id_, now) for id_ in ids}


async def _replay_one(
    engine: AsyncEngine, service: str, handlers: Mapping[str, "Handle"], id_: str, now: datetime
) -> str:
    from shared.stream.apply import readmit

    try:
        async with engine.begin() as connection:
            row = (await connection.execute(_FIND, {"id": id_})).mappings().one_or_none()
            if row is None:
                return "gone"
            if row["reason"] == CONFLICT:
                return "refused: another event of this identity was applied; discard it instead"
            await connection.execute(_REMOVE, {"id": id_})
            return await readmit(connection, service, handlers, dict(row), now)
    except Unprocessable as error:
        reason, detail = error.reason, error.detail
    except Exception as error:
        if trouble.is_passing(error):
            raise
        reason, detail = type(error).__name__, str(error)
    async with engine.begin() as connection:
        await connection.execute(
            _FAILED, {"id": id_, "reason": reason, "detail": detail[:DETAIL_CHARS]}
        )
    return f"failed again: {reason}"
