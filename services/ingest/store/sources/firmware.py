"""Which firmware sources run, and what they ran before."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.sources.firmware import KEPT, Told

_RUNS = text(
    """UPDATE source s SET runs = v.firmware, runs_since = v.since
    FROM unnest(CAST(:sources AS text[]), CAST(:firmware AS text[]),
      CAST(:since AS timestamptz[])) AS v(source, firmware, since)
    WHERE s.id = v.source AND (s.runs_since IS NULL OR s.runs_since < v.since)"""
)
_TOLD = text(
    """INSERT INTO firmware (source, since, firmware)
    SELECT source, since, firmware FROM unnest(CAST(:sources AS text[]),
      CAST(:firmware AS text[]), CAST(:since AS timestamptz[])) AS v(source, firmware, since)
    ORDER BY source, since ON CONFLICT (source, since) DO NOTHING"""
)
_FORGET = text(
    """DELETE FROM firmware f USING unnest(CAST(:sources AS text[])) AS v(source)
    WHERE f.source = v.source AND f.since < (SELECT k.since FROM firmware k
      WHERE k.source = v.source ORDER BY k.since DESC OFFSET :kept LIMIT 1)"""
)


async def write_told(connection: AsyncConnection, told: Mapping[str, Sequence[Told]]) -> None:
    """Write what sources told that they run; the newest of each is what it runs now."""
    if not told:
        return
    newest = {
        source: max(changes, key=lambda change: change[1]) for source, changes in told.items()
    }
    await connection.execute(_RUNS, _arrays(sorted(newest.items())))
    every = [(source, change) for source in sorted(told) for change in told[source]]
    await connection.execute(_TOLD, _arrays(every))
    await connection.execute(_FORGET, {"sources": sorted(told), "kept": KEPT - 1})


def _arrays(changes: Sequence[tuple[str, Told]]) -> dict[str, object]:
    return {
        "sources": [source for source, _ in changes],
        "firmware": [firmware for _, (firmware, _) in changes],
        "since": [since for _, (_, since) in changes],
    }
