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
from typing import NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.multirange import Ranges, multirange

BLOCK_BITS = 12
RECENT = 32  # events of a row whose mark is kept: more than a source sends again at once
_IN_BLOCK = (1 << BLOCK_BITS) - 1
_ENTRY = struct.Struct(">HI")  # seq within its block, mark
RECENT_BYTES = RECENT * _ENTRY.size
NOTHING: Mapping[int, Collection[int]] = MappingProxyType({})


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
