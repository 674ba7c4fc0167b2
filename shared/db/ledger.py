"""The sequence ledger: which `seq`s of each stream have been counted. Exact, and it shows gaps.

One row per (source, stream, boot, seq >> 12) holds what was received as a multirange, so a row
never has more than 2,048 ranges. One upsert per batch takes the row locks in key order and returns
what was known before (RETURNING old: PostgreSQL 18); only then is it decided what is new.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.errors import Unprocessable
from shared.events import TELEMETRY

BLOCK_BITS = 12
MAX_RANGES = 500  # of one report
MAX_DROPPED = 1 << 20  # numbers in one report: 200 rings of a device
_RANGE = re.compile(r"\[(\d+),(\d+)\)")
TOPIC_OF_STREAM = {event.STREAM: event.TOPIC for event in TELEMETRY}


class Sighting(NamedTuple):
    """One event as the ledger sees it; `sent_at` is its raw `at`."""

    source: str
    stream: str
    boot: str
    seq: int
    sent_at: datetime


class RowKey(NamedTuple):
    """Primary key of a ledger row."""

    source: str
    stream: str
    boot: str
    block: int


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a batch held: positions in it of new events, duplicates and conflicts."""

    new: list[int]
    duplicates: list[int]
    conflicts: list[int]


class Ranges:
    """Half-open ranges of integers, sorted and disjoint.

    >>> known = Ranges.parse("{[1,5),[7,8)}")
    >>> 4 in known, 5 in known, 7 in known
    (True, False, True)
    """

    def __init__(self, starts: list[int], ends: list[int]) -> None:
        self._starts = starts
        self._ends = ends

    @classmethod
    def parse(cls, multirange: str | None) -> "Ranges":
        """From PostgreSQL's text of an int8multirange; None is empty."""
        if multirange is None:
            return cls([], [])
        pairs = _RANGE.findall(multirange)
        return cls([int(a) for a, _ in pairs], [int(b) for _, b in pairs])

    def __contains__(self, seq: int) -> bool:
        at = bisect_right(self._starts, seq) - 1
        return at >= 0 and seq < self._ends[at]


def multirange(seqs: Iterable[int]) -> str:
    """PostgreSQL's text of a set of integers.

    >>> multirange([3, 1, 2, 7])
    '{[1,4),[7,8)}'
    """
    wanted = list(seqs)
    if len(wanted) == 1:  # the usual case: a source says one thing at a time
        return f"{{[{wanted[0]},{wanted[0] + 1})}}"
    parts: list[str] = []
    first = last = -1
    for seq in sorted(set(wanted)):
        if first >= 0 and seq == last + 1:
            last = seq
            continue
        if first >= 0:
            parts.append(f"[{first},{last + 1})")
        first = last = seq
    if first >= 0:
        parts.append(f"[{first},{last + 1})")
    return "{" + ",".join(parts) + "}"


_COUNT = text(
    """INSERT INTO ledger (source, stream, boot, block, seqs, max_at)
    SELECT v.source, v.stream, v.boot, v.block, CAST(v.seqs AS int8multirange), v.max_at
    FROM json_to_recordset(CAST(:rows AS json)) AS v(source text, stream text, boot text,
      block bigint, seqs text, max_at timestamptz)
    ORDER BY v.source, v.stream, v.boot, v.block
    ON CONFLICT (source, stream, boot, block) DO UPDATE SET
      seqs = ledger.seqs + EXCLUDED.seqs, max_at = greatest(ledger.max_at, EXCLUDED.max_at)
    RETURNING source, stream, boot, block, CAST(old.seqs AS text) AS known, old.max_at AS known_at"""
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


def _by_row(sightings: Sequence[Sighting]) -> dict[RowKey, list[int]]:
    rows: dict[tuple[str, str, str, int], list[int]] = {}
    for position, (source, stream, boot, seq, _) in enumerate(sightings):
        key = (source, stream, boot, seq >> BLOCK_BITS)
        held = rows.get(key)
        if held is None:
            rows[key] = [position]
        else:
            held.append(position)
    return {RowKey(*key): positions for key, positions in rows.items()}


def judge(
    sightings: Sequence[Sighting],
    positions: Sequence[int],
    known: Ranges,
    known_at: datetime | None,
) -> tuple[list[int], list[int], list[int]]:
    """New, duplicate and conflicting positions of one ledger row, taken in order.

    A known `seq` with a later raw `at` than anything the row has seen is another event under the
    same identity (a cloned device, or a counter lost without a new boot): a conflict.
    """
    if known_at is None and len(positions) == 1:  # the first of its row
        return [positions[0]], [], []
    new: list[int] = []
    duplicates: list[int] = []
    conflicts: list[int] = []
    counted: set[int] = set()
    latest = known_at
    for position in positions:
        seen = sightings[position]
        if seen.seq in counted or seen.seq in known:
            later = latest is not None and seen.sent_at > latest
            (conflicts if later else duplicates).append(position)
            continue
        new.append(position)
        counted.add(seen.seq)
        if latest is None or seen.sent_at > latest:
            latest = seen.sent_at
    return new, duplicates, conflicts


async def count(connection: AsyncConnection, sightings: Sequence[Sighting]) -> Verdicts:
    """Add a batch to the ledger and say what was new in it, decided after the rows are locked."""
    rows = _by_row(sightings)
    if not rows:
        return Verdicts([], [], [])
    document = [
        {
            **key._asdict(),
            "seqs": multirange(sightings[p].seq for p in positions),
            "max_at": max(sightings[p].sent_at for p in positions),
        }
        for key, positions in rows.items()
    ]
    found = await connection.execute(_COUNT, {"rows": msgspec.json.encode(document).decode()})
    new: list[int] = []
    duplicates: list[int] = []
    conflicts: list[int] = []
    for source, stream, boot, block, known, known_at in found:
        judged = judge(
            sightings, rows[RowKey(source, stream, boot, block)], Ranges.parse(known), known_at
        )
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
    rows: dict[RowKey, list[str]] = {}
    for source, stream, boot, ranges in reports:
        check_dropped(ranges)
        for first, last in ranges:
            key = RowKey(source, stream, boot, first >> BLOCK_BITS)
            rows.setdefault(key, []).append(f"[{first},{last + 1})")
    if rows:
        document = [
            {**key._asdict(), "dropped": "{" + ",".join(parts) + "}"} for key, parts in rows.items()
        ]
        await connection.execute(_DROPPED, {"rows": msgspec.json.encode(document).decode()})


async def cardinality(connection: AsyncConnection) -> dict[str, int]:
    """Distinct sequenced events counted, by topic."""
    found = await connection.execute(_CARDINALITY)
    return {TOPIC_OF_STREAM[stream]: int(seqs) for stream, seqs in found}
