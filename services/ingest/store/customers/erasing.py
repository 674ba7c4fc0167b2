"""What ingest has of customers who are erased: intervals are cut, refused messages deleted."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.rejects.rejects import Reject
from services.ingest.store.credentials.credentials import Credentials
from services.ingest.store.personal import HELD
from services.ingest.store.sources.sources import CHANNEL
from services.ingest.store.tables import source
from shared.db import held, rows

_SOURCES = text(
    "SELECT DISTINCT source FROM ownership WHERE customer = ANY(CAST(:subjects AS text[]))"
)
_CUT = text(
    """UPDATE ownership SET until = greatest(CAST(:now AS timestamptz), since)
    WHERE customer = ANY(CAST(:subjects AS text[])) AND until IS NULL RETURNING source"""
)
_COUNT = text("UPDATE source SET version = version + 1 WHERE id = ANY(CAST(:ids AS text[]))")
_NOTIFY = text("SELECT pg_notify(:channel, id) FROM unnest(CAST(:ids AS text[])) AS v(id)")
_MUTED = text(
    """SELECT o.source FROM (SELECT DISTINCT ON (source) source, customer FROM ownership
      WHERE source = ANY(CAST(:sources AS text[])) ORDER BY source, since DESC) o
    JOIN erased e ON e.subject = o.customer"""
)


class Erasing:
    """Within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def sources(self, subjects: Sequence[str]) -> list[str]:
        """Devices and apps that are or were theirs, locked."""
        result = await self._connection.execute(_SOURCES, {"subjects": list(subjects)})
        ids = sorted(result.scalars())
        await rows.lock(self._connection, source, ids)
        return ids

    async def cut(self, subjects: Sequence[str], now: datetime) -> None:
        """End what they own; past intervals stay, so that nobody else gets what is told late."""
        asked = {"subjects": list(subjects), "now": now}
        ids = sorted((await self._connection.execute(_CUT, asked)).scalars())
        if ids:
            await self._connection.execute(_COUNT, {"ids": ids})
            await self._connection.execute(_NOTIFY, {"channel": CHANNEL, "ids": ids})
            apps = select(source.c.id).where(source.c.id.in_(ids), source.c.kind == "app")
            signed_in = (await self._connection.execute(apps)).scalars()
            await Credentials(self._connection).revoke(signed_in, "customer erased")

    async def take_away(self, subjects: Sequence[str]) -> None:
        """Delete what was refused while the sources were theirs, and what was known of them."""
        await held.erase(self._connection, HELD, {"customers": subjects})

    async def without_words(self, rejects: Sequence[Reject]) -> list[Reject]:
        """The same rejects; of sources whose last owner is erased without their bytes.

        Why: such a device may go on sending, or send again, what it was told by that owner.
        """
        asked = {"sources": sorted({reject.source for reject in rejects})}
        muted = set((await self._connection.execute(_MUTED, asked)).scalars())
        return [_wordless(reject) if reject.source in muted else reject for reject in rejects]


def _wordless(reject: Reject) -> Reject:
    return dataclasses.replace(reject, topic="", stream=reject.news.stream, detail="", payload=b"")
