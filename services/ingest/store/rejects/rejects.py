"""Rejects and their bytes: kept, read by on-call, judged again."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.rejects.reasons import COUNTED_BYTES, CURABLE, MOST_BYTES, keep
from services.ingest.domain.rejects.rejects import Reject
from services.ingest.store.tables import reject as table

# the very same message again is counted, not kept twice
_ADD = text(
    """INSERT INTO reject AS r (id, topic, source, stream, reason, detail, payload, size, sha256,
      boot, seqs, elements, times, received_at, expires_at)
    SELECT id, topic, source, stream, reason, detail, payload, size, sha256, boot,
      CAST(seqs AS jsonb), elements, times, received_at, now() + keep
    FROM unnest(CAST(:id AS text[]), CAST(:topic AS text[]), CAST(:source AS text[]),
      CAST(:stream AS text[]), CAST(:reason AS text[]), CAST(:detail AS text[]),
      CAST(:payload AS bytea[]), CAST(:size AS integer[]), CAST(:sha256 AS text[]),
      CAST(:boot AS text[]), CAST(:seqs AS text[]), CAST(:elements AS integer[]),
      CAST(:times AS integer[]), CAST(:received_at AS timestamptz[]), CAST(:keep AS interval[]))
      AS v(id, topic, source, stream, reason, detail, payload, size, sha256, boot, seqs, elements,
      times, received_at, keep)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET times = r.times + EXCLUDED.times,
      received_at = EXCLUDED.received_at, expires_at = EXCLUDED.expires_at, cured_at = NULL,
      payload = CASE WHEN r.emptied_at IS NULL THEN r.payload ELSE EXCLUDED.payload END,
      emptied_at = NULL"""
)
# of each source: what may be judged again goes last, else the oldest goes first
_BOUND = text(
    """WITH ranked AS (
      SELECT id, sum(greatest(octet_length(payload), :least)) OVER (PARTITION BY source
        ORDER BY (cured_at IS NULL AND reason = ANY(CAST(:reasons AS text[]))) DESC,
          received_at DESC, id DESC) AS so_far
      FROM reject WHERE source = ANY(CAST(:sources AS text[])) AND emptied_at IS NULL),
    held AS (SELECT id FROM reject WHERE id IN (SELECT id FROM ranked WHERE so_far > :most)
      ORDER BY id FOR UPDATE)
    UPDATE reject SET payload = ''::bytea, emptied_at = now() WHERE id IN (SELECT id FROM held)"""
)
_CURED = text("UPDATE reject SET cured_at = now() WHERE id = ANY(CAST(:ids AS text[]))")
_CURABLE = text(
    """SELECT id, topic, payload, received_at, stored_at FROM reject
    WHERE cured_at IS NULL AND emptied_at IS NULL
      AND reason = ANY(CAST(:reasons AS text[])) AND size <= 65536
      AND source = ANY(CAST(:sources AS text[]))
      AND (stored_at, id) > (CAST(:stored_at AS timestamptz), CAST(:id AS text))
    ORDER BY stored_at, id LIMIT :limit"""
)
_CURABLE_SOURCES = text(
    """SELECT DISTINCT r.source FROM reject r JOIN source s ON s.id = r.source
    WHERE r.cured_at IS NULL AND r.emptied_at IS NULL
      AND r.reason = ANY(CAST(:reasons AS text[])) AND r.size <= 65536
      AND s.version > 0 AND s.retired_at IS NULL"""
)
_EXPIRE = text(
    """DELETE FROM reject WHERE id IN
    (SELECT id FROM reject WHERE expires_at < now() LIMIT 1000)"""
)
_FACTS_EXPIRE = text(
    """DELETE FROM unclaimed_fact WHERE id IN
    (SELECT id FROM unclaimed_fact WHERE stored_at < now() - interval '31 days' LIMIT 1000)"""
)

FIRST = (datetime(1970, 1, 1, tzinfo=UTC), "")  # before every reject

_SHOWN = [c for c in table.c if c.name != "payload"]


class Rejects:
    """The reject table inside one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, rejects: Sequence[Reject]) -> None:
        """Keep rejects; those kept already are counted; what a source has too much of is emptied."""
        if not rejects:
            return
        by_id = {reject.id: reject for reject in rejects}
        several = list(by_id.values())
        arrays: dict[str, list[Any]] = {
            name: [getattr(reject, name) for reject in several]
            for name in (
                "id", "topic", "source", "stream", "reason", "detail", "payload", "size",
                "sha256", "boot", "elements", "received_at",
            )
        }  # fmt: skip
        arrays["seqs"] = [msgspec.json.encode(reject.seqs).decode() for reject in several]
        arrays["keep"] = [keep(reject.reason) for reject in several]
        arrays["times"] = [sum(r.id == reject.id for r in rejects) for reject in several]
        await self._connection.execute(_ADD, arrays)
        bounds = {"least": COUNTED_BYTES, "most": MOST_BYTES, "reasons": sorted(CURABLE)}
        await self._connection.execute(_BOUND, {"sources": sorted(set(arrays["source"])), **bounds})

    async def cured(self, ids: Sequence[str]) -> None:
        """These were judged again and taken."""
        await self._connection.execute(_CURED, {"ids": sorted(ids)})

    async def curable(
        self, sources: Sequence[str], limit: int, after: tuple[datetime, str] = FIRST
    ) -> list[Mapping[str, Any]]:
        """Rejects of these sources that may be taken now, in the order they were stored.

        Args:
            after: stored_at and id of the last one of the page before.
        """
        place = {"stored_at": after[0], "id": after[1]}
        result = await self._connection.execute(
            _CURABLE, {"reasons": sorted(CURABLE), "sources": sources, "limit": limit, **place}
        )
        return [dict(row) for row in result.mappings()]

    async def curable_sources(self) -> list[str]:
        """Sources that are registered now and have rejects that may be taken."""
        result = await self._connection.execute(_CURABLE_SOURCES, {"reasons": sorted(CURABLE)})
        return sorted(result.scalars())

    async def page(
        self,
        *,
        source: str | None,
        reason: str | None,
        limit: int,
        before: tuple[datetime, str] | None,
    ) -> list[Mapping[str, Any]]:
        """Newest first, without bytes; one more than `limit`."""
        query = select(*_SHOWN).order_by(table.c.stored_at.desc(), table.c.id.desc())
        if source is not None:
            query = query.where(table.c.source == source)
        if reason is not None:
            query = query.where(table.c.reason == reason)
        if before is not None:
            query = query.where(tuple_(table.c.stored_at, table.c.id) < before)
        result = await self._connection.execute(query.limit(limit + 1))
        return [dict(row) for row in result.mappings()]

    async def read(self, id_: str) -> Mapping[str, Any] | None:
        """One reject with its bytes."""
        result = await self._connection.execute(select(table).where(table.c.id == id_))
        row = result.mappings().one_or_none()
        return None if row is None else dict(row)

    async def summary(self) -> dict[str, int]:
        """Elements refused and not taken since, by reason."""
        query = (
            select(table.c.reason, func.sum(table.c.elements * table.c.times))
            .where(table.c.cured_at.is_(None))
            .group_by(table.c.reason)
            .order_by(table.c.reason)
        )
        return {reason: int(n) for reason, n in await self._connection.execute(query)}

    async def by_source(self, limit: int) -> list[Mapping[str, Any]]:
        """Sources with elements refused and not taken since, the most first."""
        refused = func.sum(table.c.elements * table.c.times)
        query = (
            select(
                table.c.source,
                refused.label("refused"),
                func.array_agg(func.distinct(table.c.reason)).label("reasons"),
                func.max(table.c.received_at).label("last_at"),
            )
            .where(table.c.cured_at.is_(None))
            .group_by(table.c.source)
            .order_by(refused.desc(), table.c.source)
        )
        result = await self._connection.execute(query.limit(limit))
        return [dict(row) for row in result.mappings()]

    async def by_stream(self) -> dict[str, int]:
        """Elements refused and not taken since, by the stream they came on."""
        query = (
            select(table.c.stream, func.sum(table.c.elements * table.c.times))
            .where(table.c.cured_at.is_(None))
            .group_by(table.c.stream)
        )
        return {stream: int(n) for stream, n in await self._connection.execute(query)}

    async def expire(self) -> int:
        """Delete up to 1,000 rejects and as many facts whose time is over; returns how many."""
        gone = await self._connection.execute(_EXPIRE)
        facts = await self._connection.execute(_FACTS_EXPIRE)
        return int(gone.rowcount) + int(facts.rowcount)
