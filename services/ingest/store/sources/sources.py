"""Sources with their owners, locked for a change, and written back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.sources.changes import Change
from services.ingest.domain.sources.ownership import Ownership
from services.ingest.domain.sources.source import Source
from services.ingest.errors import CustomerErased
from services.ingest.store.tables import ownership, source, unclaimed_fact
from shared.db import erased, rows
from shared.events import RegistryChanged

CHANNEL = "registry"
NOTICE_BYTES = 7_000  # PostgreSQL takes 8,000

_TAKE_FACTS = text(
    """DELETE FROM unclaimed_fact WHERE source = ANY(CAST(:sources AS text[]))
    RETURNING id, source, type, at, platform, firmware"""
)
_NOTIFY = text("SELECT pg_notify(:channel, n) FROM unnest(CAST(:notices AS text[])) AS n")


def to_source(row: Mapping[str, Any], owners: Sequence[Ownership]) -> Source:
    """A source of its row and intervals."""
    return Source(
        id=row["id"],
        kind=row["kind"],
        model=row["model"],
        firmware=row["firmware"],
        battery=row["battery"],
        retired=row["retired_at"] is not None,
        version=row["version"],
        registered_at=row["registered_at"],
        owners=tuple(owners),
        told=None if row["runs"] is None else (row["runs"], row["runs_since"]),
    )


class Sources:
    """The registry inside one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, ids: Iterable[str], *, seed_kind: str | None = None) -> dict[str, Source]:
        """The sources of these ids, locked; with `seed_kind` unknown ones are locked, too.

        Sources that are only seeded (version 0) are not returned.
        """
        seed = None if seed_kind is None else {"kind": seed_kind, "version": 0}
        held = await rows.lock(self._connection, source, ids, seed=seed)
        known = {id_: row for id_, row in held.items() if row["version"] > 0}
        owners = await self._owners(known)
        return {id_: to_source(row, owners.get(id_, ())) for id_, row in known.items()}

    async def _owners(self, ids: Iterable[str]) -> dict[str, list[Ownership]]:
        query = (
            select(ownership)
            .where(ownership.c.source.in_(list(ids)))
            .order_by(ownership.c.source, ownership.c.since)
        )
        intervals: dict[str, list[Ownership]] = {}
        for row in (await self._connection.execute(query)).mappings():
            interval = Ownership(row["customer"], row["since"], row["until"])
            intervals.setdefault(row["source"], []).append(interval)
        return intervals

    async def save(self, changes: Sequence[Change], now: datetime) -> None:
        """Write changed sources (one change each) and tell all ingest processes at commit.

        Raises: CustomerErased: one of the new owners is.
        """
        if not changes:
            return
        owners = {c.source.owner for c in changes if c.source.owner is not None}
        if gone := await erased.known(self._connection, owners):
            raise CustomerErased(min(gone))
        await rows.update(
            self._connection,
            source,
            [
                {
                    "id": c.source.id,
                    "kind": c.source.kind,
                    "model": c.source.model,
                    "firmware": c.source.firmware,
                    "battery": c.source.battery,
                    "version": c.source.version,
                    "registered_at": c.source.registered_at,
                    "retired_at": now if c.source.retired else None,
                }
                for c in changes
            ],
        )
        # only the last two intervals can have changed
        intervals = [
            {"source": c.source.id, "since": o.since, "customer": o.customer, "until": o.until}
            for c in changes
            for o in c.source.owners[-2:]
        ]
        await rows.upsert(self._connection, ownership, intervals)
        await self._notify(c.source.id for c in changes)

    async def take_facts(self, ids: Iterable[str]) -> dict[str, list[RegistryChanged]]:
        """Lifecycle facts of unclaimed sources, oldest first; they are adopted or forgotten now."""
        taken = await self._connection.execute(_TAKE_FACTS, {"sources": sorted(ids)})
        changes: dict[str, list[RegistryChanged]] = {}
        for row in sorted(taken.mappings(), key=lambda r: (r["at"], r["id"])):
            fact = RegistryChanged(
                at=row["at"],
                change="adopted",
                source=row["source"],
                kind="device",
                version=0,
                firmware=row["firmware"],
                adopted=row["type"],
                adopted_id=row["id"],
                platform=row["platform"],
            )
            changes.setdefault(row["source"], []).append(fact)
        return changes

    async def add_facts(self, facts: Sequence[RegistryChanged]) -> None:
        """Keep facts until somebody claims their sources."""
        await rows.insert_new(
            self._connection,
            unclaimed_fact,
            [
                {
                    "id": fact.adopted_id,
                    "source": fact.source,
                    "type": fact.adopted,
                    "at": fact.at,
                    "platform": fact.platform,
                    "firmware": fact.firmware,
                }
                for fact in facts
            ],
        )

    async def _notify(self, ids: Iterable[str]) -> None:
        notices, size = [[""]], 0
        for id_ in ids:
            size += len(id_) + 1
            if size > NOTICE_BYTES:
                notices.append([])
                size = len(id_) + 1
            notices[-1].append(id_)
        joined = [",".join(part).strip(",") for part in notices]
        await self._connection.execute(_NOTIFY, {"channel": CHANNEL, "notices": joined})
