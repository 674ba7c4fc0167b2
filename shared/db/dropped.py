"""What sources say their rings dropped, kept in the ledger: such a gap is explained."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.ledger import BLOCK_BITS, KEY, Key
from shared.errors import Unprocessable

MAX_RANGES = 500  # of one report
MAX_DROPPED = 1 << 20  # numbers in one report: 200 rings of a device

_DROPPED = text(
    """INSERT INTO ledger (source, stream, boot, block, seqs, dropped)
    SELECT v.source, v.stream, v.boot, v.block, '{}', CAST(v.dropped AS int8multirange)
    FROM json_to_recordset(CAST(:rows AS json)) AS v(source text, stream text, boot text,
      block bigint, dropped text)
    ORDER BY v.source, v.stream, v.boot, v.block
    ON CONFLICT (source, stream, boot, block) DO UPDATE SET
      dropped = ledger.dropped + EXCLUDED.dropped"""
)


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
