"""Offsets in our own database: the fence that lets exactly one process apply a record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

Partition = tuple[str, int]


class FenceLost(Exception):
    """Another process has moved this partition on: what we hold of it is not ours to apply."""


@dataclass(slots=True)
class Position:
    """Where a partition stands.

    Attributes:
        beacons: simulated time by origin, RFC 3339.
        simulated: time, minimum over all origins, None until each has spoken.
    """

    topic: str
    partition: int
    next_offset: int
    last_id: str | None = None
    last_at: datetime | None = None
    beacons: dict[str, str] = field(default_factory=dict)
    simulated: datetime | None = None
    step_s: float | None = None

    @property
    def key(self) -> Partition:
        """Topic and partition."""
        return (self.topic, self.partition)


_READ = text(
    """SELECT topic, partition, next_offset, last_id, last_at, beacons, reached AS simulated, step_s
    FROM consumer_offset ORDER BY topic, partition"""
)
_BEGIN = text(
    """INSERT INTO consumer_offset (topic, partition, next_offset)
    SELECT * FROM unnest(CAST(:topic AS text[]), CAST(:partition AS int[]),
      CAST(:next_offset AS bigint[])) AS v(topic, partition, next_offset)
    ORDER BY v.topic, v.partition ON CONFLICT DO NOTHING"""
)
_MOVE = text(
    """WITH v AS (SELECT * FROM unnest(CAST(:topic AS text[]), CAST(:partition AS int[]),
      CAST(:expected AS bigint[]), CAST(:next_offset AS bigint[]), CAST(:last_id AS text[]),
      CAST(:last_at AS timestamptz[]), CAST(:beacons AS text[]), CAST(:reached AS timestamptz[]),
      CAST(:step_s AS float8[]))
      AS v(topic, partition, expected, next_offset, last_id, last_at, beacons, reached, step_s)),
    held AS (SELECT o.topic, o.partition FROM consumer_offset o
      JOIN v ON (o.topic, o.partition) = (v.topic, v.partition) AND o.next_offset = v.expected
      ORDER BY o.topic, o.partition FOR UPDATE OF o)
    UPDATE consumer_offset o SET next_offset = v.next_offset, last_id = v.last_id,
      last_at = v.last_at, beacons = CAST(v.beacons AS jsonb), reached = v.reached,
      step_s = v.step_s, updated_at = now()
    FROM v JOIN held USING (topic, partition)
    WHERE (o.topic, o.partition) = (v.topic, v.partition) AND o.next_offset = v.expected"""
)


async def read(connection: AsyncConnection) -> dict[Partition, Position]:
    """All positions of this service."""
    result = await connection.execute(_READ)
    return {(row["topic"], row["partition"]): Position(**row) for row in result.mappings()}


async def begin(connection: AsyncConnection, starts: dict[Partition, int]) -> None:
    """Write the first offset of partitions never read before; rows that exist stay."""
    places = sorted(starts)
    await connection.execute(
        _BEGIN,
        {
            "topic": [topic for topic, _ in places],
            "partition": [partition for _, partition in places],
            "next_offset": [starts[place] for place in places],
        },
    )


async def move(connection: AsyncConnection, moves: Sequence[tuple[int, Position]]) -> None:
    """Move partitions from an expected offset on: compare and set, rows locked in order.

    Args:
        moves: (expected offset, new position) per partition.
    Raises: FenceLost: some row has another offset than expected; roll back.
    """
    to = [position for _, position in moves]
    done = await connection.execute(
        _MOVE,
        {
            "topic": [p.topic for p in to],
            "partition": [p.partition for p in to],
            "expected": [expected for expected, _ in moves],
            "next_offset": [p.next_offset for p in to],
            "last_id": [p.last_id for p in to],
            "last_at": [p.last_at for p in to],
            "beacons": [msgspec.json.encode(p.beacons).decode() for p in to],
            "reached": [p.simulated for p in to],
            "step_s": [p.step_s for p in to],
        },
    )
    if done.rowcount != len(to):
        raise FenceLost
