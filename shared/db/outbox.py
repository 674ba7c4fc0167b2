"""The outbox: events written in the transaction that caused them, published by the relay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.events.topics import BY_NAME


@dataclass(frozen=True, slots=True)
class Row:
    """One event on its way; `key` None: a beacon for every partition of `topic`."""

    id: str
    topic: str
    key: str | None
    value: bytes
    type: str
    at: datetime
    position: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    """An event that Kafka has confirmed, without its content."""

    position: int
    id: str
    topic: str
    key: str


_ADD = text(
    """INSERT INTO outbox (id, topic, key, value, type, at)
    SELECT * FROM unnest(CAST(:id AS text[]), CAST(:topic AS text[]), CAST(:key AS text[]),
      CAST(:value AS bytea[]), CAST(:type AS text[]), CAST(:at AS timestamptz[]))
    ON CONFLICT (id) DO NOTHING"""
)
_NEXT = text(
    """SELECT position, id, topic, key, value, type, at FROM outbox
    WHERE published_at IS NULL AND topic = ANY(CAST(:topics AS text[]))
    ORDER BY position LIMIT :limit"""
)
_DONE = text("UPDATE outbox SET published_at = now() WHERE position = ANY(:positions)")
_PUBLISHED = text(
    """SELECT position, id, topic, key FROM outbox
    WHERE published_at IS NOT NULL AND key IS NOT NULL ORDER BY position"""
)
_IDS = text("SELECT id FROM outbox")
_AGAIN = text(
    """UPDATE outbox SET published_at = NULL
    WHERE id = ANY(CAST(:ids AS text[])) AND published_at IS NOT NULL"""
)
_PRUNE = text(
    """DELETE FROM outbox WHERE position IN (SELECT position FROM outbox
    WHERE published_at < now() - make_interval(days => :days) LIMIT 5000)"""
)
ASIDE = "refused:"  # before the topic: such a topic is nobody's, so the row holds up no other
_SET_ASIDE = text("UPDATE outbox SET topic = :aside || topic WHERE position = :position")
_WAITING = text(
    """SELECT count(*) FILTER (WHERE NOT aside),
      coalesce(extract(epoch FROM now() - min(written_at) FILTER (WHERE NOT aside)), 0),
      count(*) FILTER (WHERE aside)
    FROM (SELECT written_at, starts_with(topic, :aside) AS aside
      FROM outbox WHERE published_at IS NULL) AS unpublished"""
)


async def add(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """Write events, in order; an id that is there already is the same event and is left out."""
    await connection.execute(
        _ADD,
        {
            "id": [row.id for row in rows],
            "topic": [row.topic for row in rows],
            "key": [row.key for row in rows],
            "value": [row.value for row in rows],
            "type": [row.type for row in rows],
            "at": [row.at for row in rows],
        },
    )


async def unpublished(
    connection: AsyncConnection, limit: int, topics: Sequence[str] = tuple(BY_NAME)
) -> list[Row]:
    """The oldest events not published yet; those for topics nobody knows hold up no other.

    Never "position > last": sequences commit out of order, and such a cursor loses rows.
    """
    result = await connection.execute(_NEXT, {"limit": limit, "topics": list(topics)})
    return [Row(**row) for row in result.mappings()]


async def mark(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """Say that Kafka has acknowledged these."""
    await connection.execute(_DONE, {"positions": [row.position for row in rows]})


async def published(connection: AsyncConnection) -> list[Published]:
    """What Kafka has confirmed within the days that are kept, oldest first; beacons left out."""
    return [Published(**row) for row in (await connection.execute(_PUBLISHED)).mappings()]


async def ids(connection: AsyncConnection) -> set[str]:
    """Every event that is known here, published or not."""
    return set((await connection.execute(_IDS)).scalars())


async def republish(connection: AsyncConnection, ids_: Sequence[str]) -> int:
    """Say that Kafka has lost these: the relay sends them again, under the same ids."""
    return int((await connection.execute(_AGAIN, {"ids": list(ids_)})).rowcount)


async def set_aside(connection: AsyncConnection, row: Row) -> None:
    """Kafka never takes this one: it stays, and is not sent again until somebody renames its topic."""
    await connection.execute(_SET_ASIDE, {"aside": ASIDE, "position": row.position})


async def prune(connection: AsyncConnection, days: int) -> int:
    """Delete up to 5,000 events published more than `days` ago; returns how many."""
    return int((await connection.execute(_PRUNE, {"days": days})).rowcount)


async def waiting(connection: AsyncConnection) -> tuple[int, float, int]:
    """How many events wait, the oldest one's age in seconds, and how many are set aside."""
    count, age, aside = (await connection.execute(_WAITING, {"aside": ASIDE})).one()
    return int(count), float(age), int(aside)
