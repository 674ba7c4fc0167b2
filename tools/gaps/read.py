"""Read every service's ledger, what ingest refused and what is in quarantine."""

import re
from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec

from shared.db.ledger_rows import TOPIC_OF_STREAM
from shared.events.topics import BY_NAME
from tools.gaps.find import NOBODY, Counted, Gap, Range, Stream, gaps

_LEDGER = """SELECT source, stream, boot, CAST(range_agg(seqs) AS text) AS seqs,
  CAST(range_agg(dropped) AS text) AS dropped, min(min_at) AS first_at, max(max_at) AS last_at
FROM ledger WHERE $1::text IS NULL OR source = $1 GROUP BY source, stream, boot"""
_REFUSED = """SELECT source, stream, boot, reason, seqs FROM reject
WHERE cured_at IS NULL AND boot IS NOT NULL AND ($1::text IS NULL OR source = $1)"""
_ASIDE = """SELECT id, reason FROM quarantine
WHERE source IS NOT NULL AND ($1::text IS NULL OR source = $1)"""
_RANGE = re.compile(r"\[(\d+),(\d+)\)")
_IDENTITY = re.compile(r"/([a-z0-9-]+)/([a-z]+)#([0-9a-f]+):(\d+)")

Known = dict[Stream, dict[str, dict[str, list[Range]]]]


async def read(databases: Mapping[str, str], source: str | None) -> list[Gap]:
    """All gaps, or those of one source.

    Reads whole ledgers: a row per source, stream, boot and 4,096 numbers.

    Args:
        databases: plain `postgresql://` URLs by service.
    """
    counted: dict[Stream, dict[str, Counted]] = {}
    known: Known = {}
    for service, url in databases.items():
        connection = await asyncpg.connect(url, timeout=10)
        try:
            if service == "ingest":
                for row in await connection.fetch(_REFUSED, source):
                    ranges = [(a, b + 1) for a, b in _pairs(row["seqs"])]
                    of = Stream(row["source"], row["stream"], row["boot"])
                    _add(known, of, NOBODY, f"refused: {row['reason']}", ranges)
                continue
            for row in await connection.fetch(_LEDGER, source):
                of = Stream(row["source"], row["stream"], row["boot"])
                counted.setdefault(of, {})[service] = Counted(
                    _ranges(row["seqs"]), _ranges(row["dropped"]), row["first_at"], row["last_at"]
                )
            for row in await connection.fetch(_ASIDE, source):
                if (named := _IDENTITY.match(row["id"])) is not None:
                    of, seq = Stream(*named.groups()[:3]), int(named[4])
                    _add(known, of, service, f"in quarantine: {row['reason']}", [(seq, seq + 1)])
        finally:
            await connection.close()
    topics: dict[str, str] = {stream: topic for stream, topic in TOPIC_OF_STREAM.items()}  # noqa: C416 - any text may be asked for
    unexplained: list[Gap] = []
    for of, by in sorted(counted.items()):
        readers = BY_NAME[topics[of.stream]].consumers
        everybody: dict[str, Counted] = {}
        everybody |= {name: by.get(name, Counted(())) for name in readers if name in databases}
        unexplained += gaps(of, everybody, known.get(of, {}))
    return unexplained


def _add(known: Known, of: Stream, where: str, why: str, ranges: list[Range]) -> None:
    known.setdefault(of, {}).setdefault(where, {}).setdefault(why, []).extend(ranges)


def _ranges(text: str | None) -> list[Range]:
    return [(int(first), int(end)) for first, end in _RANGE.findall(text or "")]


def _pairs(document: Any) -> list[Range]:  # JSON: pairs of first and last
    read_: list[Range] = msgspec.json.decode(document, type=list[tuple[int, int]])
    return read_
