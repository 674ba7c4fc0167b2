"""The sequence ledger: which `seq`s of each stream have been counted. Exact, and it shows gaps.

One row per (source, stream, boot, seq >> 12) holds what was received as a multirange, so a row
never has more than 2,048 ranges. One upsert per batch takes the row locks in key order and returns
what was known before (RETURNING old: PostgreSQL 18); only then is it decided what is new, and
whether what is known comes again or another event has taken its number (decision 20).
"""

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.multirange import Ranges, multirange
from shared.errors import Unprocessable
from shared.events import TELEMETRY

BLOCK_BITS = 12
RECENT = 32  # events of a row whose mark is kept: more than a source sends again at once
_IN_BLOCK = (1 << BLOCK_BITS) - 1
_ENTRY = struct.Struct(">HI")  # seq within its block, mark
RECENT_BYTES = RECENT * _ENTRY.size
MAX_RANGES = 500  # of one report
MAX_DROPPED = 1 << 20  # numbers in one report: 200 rings of a device
MANY_GAPS = 1_000  # of a source within a day: its counter jumps, or most of what it says is lost
NAMED = 100  # sources with so many that are looked for
NOTHING: Mapping[int, Collection[int]] = MappingProxyType({})
TOPIC_OF_STREAM = {event.STREAM: event.TOPIC for event in TELEMETRY}


class Sighting(NamedTuple):
    """One event as the ledger sees it.

    Attributes:
        sent_at: its raw `at`.
        mark: CRC-32 of what the source said.
    """

    source: str
    stream: str
    boot: str
    seq: int
    sent_at: datetime
    mark: int = 0


KEY = ("source", "stream", "boot", "block")
Key = tuple[str, str, str, int]
"""Primary key of a ledger row: source, stream, boot, block; a plain tuple, there are many."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a batch held: positions in it of new events, duplicates and conflicts."""

    new: list[int]
    duplicates: list[int]
    conflicts: list[int]


_COUNT = text(
    f"""INSERT INTO ledger (source, stream, boot, block, seqs, min_at, max_at, recent)
    SELECT v.source, v.stream, v.boot, v.block, CAST(v.seqs AS int8multirange), v.min_at, v.max_at,
      decode(v.recent, 'base64')
    FROM json_to_recordset(CAST(:rows AS json)) AS v(source text, stream text, boot text,
      block bigint, seqs text, min_at timestamptz, max_at timestamptz, recent text)
    ORDER BY v.source, v.stream, v.boot, v.block
    ON CONFLICT (source, stream, boot, block) DO UPDATE SET
      seqs = ledger.seqs + EXCLUDED.seqs,
      max_at = CASE WHEN EXCLUDED.seqs <@ ledger.seqs THEN ledger.max_at
        ELSE greatest(ledger.max_at, EXCLUDED.max_at) END,
      min_at = CASE WHEN EXCLUDED.seqs <@ ledger.seqs OR ledger.min_at IS NULL
        AND ledger.max_at IS NOT NULL THEN ledger.min_at
        ELSE least(ledger.min_at, EXCLUDED.min_at) END,
      recent = CASE WHEN EXCLUDED.seqs <@ ledger.seqs THEN ledger.recent ELSE
        substring(EXCLUDED.recent || coalesce(ledger.recent, '') FROM 1 FOR {RECENT_BYTES}) END
    RETURNING source, stream, boot, block, CAST(old.seqs AS text) AS seqs,
      CAST(old.min_at AS text) AS first_at, CAST(old.max_at AS text) AS last_at, old.recent"""  # noqa: S608 - a number of ours
)
_DROPPED = text(
    """INSERT INTO ledger (source, stream, boot, block, seqs, dropped)
    SELECT v.source, v.stream, v.boot, v.block, '{}', CAST(v.dropped AS int8multirange)
    FROM json_to_recordset(CAST(:rows AS json)) AS v(source text, stream text, boot text,
      block bigint, dropped text)
    ORDER BY v.source, v.stream, v.boot, v.block
    ON CONFLICT (source, stream, boot, block) DO UPDATE SET
      dropped = ledger.dropped + EXCLUDED.dropped"""
)
_CARDINALITY = text(
    """SELECT stream, coalesce(sum(upper(r) - lower(r)), 0) AS seqs
    FROM ledger, LATERAL unnest(seqs) AS r GROUP BY stream"""
)


_FRAGMENTED = text(
    """SELECT source FROM ledger, LATERAL (SELECT count(*) - 1 AS gaps FROM unnest(seqs)) AS g
    WHERE max_at > :since GROUP BY source HAVING sum(greatest(gaps, 0)) > :many
    ORDER BY sum(greatest(gaps, 0)) DESC, source LIMIT :named"""
)

_GAPS = text(
    """SELECT source, stream, sum(gaps) AS gaps, sum(missing) AS missing, max(max_at) AS last_at
    FROM (SELECT source, stream, max_at, seqs + coalesce(dropped, '{}') AS told FROM ledger
      WHERE max_at > :since) AS l,
      LATERAL (SELECT count(*) - 1 AS gaps,
        max(upper(r)) - min(lower(r)) - sum(upper(r) - lower(r)) AS missing
        FROM unnest(told) AS r) AS g
    WHERE gaps > 0 GROUP BY source, stream
    ORDER BY sum(missing) DESC, source, stream LIMIT :limit"""
)


def _by_row(sightings: Sequence[Sighting]) -> dict[Key, list[int]]:
    rows: dict[Key, list[int]] = {}
    for position, (source, stream, boot, seq, *_) in enumerate(sightings):
        key = (source, stream, boot, seq >> BLOCK_BITS)
        held = rows.get(key)
        if held is None:
            rows[key] = [position]
        else:
            held.append(position)
    return rows


def judge(
    sightings: Sequence[Sighting],
    positions: Sequence[int],
    known: Ranges,
    known_at: datetime | None,
    first_at: datetime | None = None,
    marks: Mapping[int, Collection[int]] = NOTHING,
) -> tuple[list[int], list[int], list[int]]:
    """New, duplicate and conflicting positions of one ledger row, taken in order.

    A known `seq` is a conflict when it says something else than was counted: by its mark where
    that is kept, else by a raw `at` that is later or earlier than anything the row has seen (a
    cloned device; a counter lost without a new boot, whose clock may have been lost as well).

    Args:
        first_at, known_at: earliest and latest raw `at` of the row; None: not known.
        marks: of the events counted last, by seq; several where a number was used twice.
    """
    if known_at is None and len(positions) == 1:  # the first of its row
        return [positions[0]], [], []
    new: list[int] = []
    duplicates: list[int] = []
    conflicts: list[int] = []
    counted: dict[int, Sighting] = {}
    latest = known_at
    for position in positions:
        seen = sightings[position]
        if seen.seq in counted:
            (duplicates if counted[seen.seq] == seen else conflicts).append(position)
        elif seen.seq in marks:
            (duplicates if seen.mark in marks[seen.seq] else conflicts).append(position)
        elif seen.seq in known:
            later = latest is not None and seen.sent_at > latest
            earlier = first_at is not None and seen.sent_at < first_at
            (conflicts if later or earlier else duplicates).append(position)
        else:
            new.append(position)
            counted[seen.seq] = seen
            if latest is None or seen.sent_at > latest:
                latest = seen.sent_at
    return new, duplicates, conflicts


def _recent(sightings: Sequence[Sighting], positions: Sequence[int]) -> bytes:
    """Marks of the last of these, newest first, as the row keeps them."""
    return b"".join(
        _ENTRY.pack(sightings[p].seq & _IN_BLOCK, sightings[p].mark)
        for p in positions[: -RECENT - 1 : -1]
    )


class _Written(msgspec.Struct):
    """What the statement adds to a row."""

    source: str
    stream: str
    boot: str
    block: int
    seqs: str
    min_at: datetime
    max_at: datetime
    recent: bytes


def _written(sightings: Sequence[Sighting], key: Key, positions: Sequence[int]) -> _Written:
    if len(positions) == 1:  # the usual case: a source says one thing at a time
        _, _, _, seq, at, mark = sightings[positions[0]]
        entry = _ENTRY.pack(seq & _IN_BLOCK, mark)
        return _Written(*key, f"{{[{seq},{seq + 1})}}", at, at, entry)
    times = [sightings[p].sent_at for p in positions]
    seqs = multirange(sightings[p].seq for p in positions)
    return _Written(*key, seqs, min(times), max(times), _recent(sightings, positions))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _marks(recent: bytes | None, block: int) -> dict[int, set[int]]:
    numbers: dict[int, set[int]] = {}
    for low, mark in _ENTRY.iter_unpack(recent or b""):
        numbers.setdefault((block << BLOCK_BITS) + low, set()).add(mark)
    return numbers


async def count(connection: AsyncConnection, sightings: Sequence[Sighting]) -> Verdicts:
    """Add a batch to the ledger and say what was new in it, decided after the rows are locked."""
    rows = _by_row(sightings)
    if not rows:
        return Verdicts([], [], [])
    document = [_written(sightings, key, positions) for key, positions in rows.items()]
    result = await connection.execute(_COUNT, {"rows": msgspec.json.encode(document).decode()})
    new: list[int] = []
    duplicates: list[int] = []
    conflicts: list[int] = []
    for source, stream, boot, block, seqs, first_at, last_at, recent in result:
        positions = rows[source, stream, boot, block]
        known = Ranges.parse(seqs)
        again = [p for p in positions if sightings[p].seq in known]
        if not again and len({sightings[p].seq for p in positions}) == len(positions):
            new += positions  # the usual case: nothing to look at more closely
            continue
        marks = _marks(recent, block) if again else NOTHING
        times = _moment(last_at), _moment(first_at)
        judged = judge(sightings, positions, known, *times, marks)
        new += judged[0]
        duplicates += judged[1]
        conflicts += judged[2]
    return Verdicts(sorted(new), sorted(duplicates), sorted(conflicts))


class Report(NamedTuple):
    """What a source says its ring dropped of a stream: inclusive ranges of `seq`."""

    source: str
    stream: str
    boot: str
    ranges: Sequence[tuple[int, int]]


def check_dropped(ranges: Sequence[tuple[int, int]]) -> None:
    """The ledger's own limit: what one report may cost, whoever let it through.

    Raises: Unprocessable: more than MAX_RANGES, one that ends before it begins, or more than
        MAX_DROPPED numbers in all.
    """
    if len(ranges) > MAX_RANGES:
        raise Unprocessable("out_of_range", f"{len(ranges)} ranges, {MAX_RANGES} are taken")
    if any(not 0 <= first <= last for first, last in ranges):
        raise Unprocessable("out_of_range", "a range that ends before it begins")
    if sum(last - first + 1 for first, last in ranges) > MAX_DROPPED:
        raise Unprocessable("out_of_range", f"more than {MAX_DROPPED} numbers")


async def explain(
    connection: AsyncConnection,
    source: str,
    stream: str,
    boot: str,
    ranges: Sequence[tuple[int, int]],
) -> None:
    """Store what one report says, as `explain_all` does."""
    await explain_all(connection, [Report(source, stream, boot, ranges)])


async def explain_all(connection: AsyncConnection, reports: Sequence[Report]) -> None:
    """Store what sources say their rings dropped, so that gaps are explained: one statement.

    A range stands in the row of the block in which it begins, and may go beyond it: a report
    makes at most one row per range, however wide.

    Raises: Unprocessable: as `check_dropped`; nothing is written then.
    """
    rows: dict[Key, list[str]] = {}
    for source, stream, boot, ranges in reports:
        check_dropped(ranges)
        for first, last in ranges:
            key = source, stream, boot, first >> BLOCK_BITS
            rows.setdefault(key, []).append(f"[{first},{last + 1})")
    if rows:
        document = [
            {**dict(zip(KEY, key, strict=True)), "dropped": "{" + ",".join(parts) + "}"}
            for key, parts in rows.items()
        ]
        await connection.execute(_DROPPED, {"rows": msgspec.json.encode(document).decode()})


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


async def gaps(connection: AsyncConnection, since: datetime, limit: int) -> list[dict[str, Any]]:
    """Streams with numbers that nobody has told, neither as events nor as dropped; the most first.

    Looks at the rows of all sources that were heard since then, each by itself: numbers missing
    exactly between two blocks of 4,096 are not seen.
    """
    result = await connection.execute(_GAPS, {"since": since, "limit": limit})
    return [dict(row) for row in result.mappings()]
