"""The outbox's relay: one leader per database sends what is unpublished, oldest first."""

import asyncio
import contextlib

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import log, metrics
from shared.clock import monotonic
from shared.db import outbox, trouble
from shared.db.outbox import Row
from shared.events.codec import JSON, SPEC, Headers, rfc3339
from shared.events.topics import BY_NAME
from shared.stream.producer import Outgoing, Producer, RecordRefused, partition_of
from shared.stream.transaction import waker

RELAY_LOCK = 7_002
_TAKE = text("SELECT pg_try_advisory_lock(:lock)")
_GIVE = text("SELECT pg_advisory_unlock(:lock)")
_HELD = text(
    """SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock
      AND pid = pg_backend_pid() AND granted AND database = (
        SELECT oid FROM pg_database WHERE datname = current_database()))"""
)
BATCH = 500
SLOW_S = 10.0  # what Kafka has not taken by then is worth a word
IDLE_S = 0.5  # another process may write to the same outbox without waking us
KEEP_DAYS = 7
PRUNE_EVERY = 1_000  # rounds

_log = log.get("stream.relay")


def _headers(service: str, row: Row) -> Headers:
    headers: Headers = [
        SPEC,
        ("ce_id", row.id.encode()),
        ("ce_source", f"/{service}".encode()),
        ("ce_type", f"io.playcaller.{row.type}.v1".encode()),
        ("ce_time", rfc3339(row.at).encode()),
        JSON,
    ]
    if row.key is not None:
        headers.append(("ce_subject", row.key.partition(":")[2].encode()))
    return headers


def outgoing(service: str, rows: list[Row]) -> list[Outgoing]:
    """The records of outbox rows, in order; a beacon becomes one per partition."""
    records = []
    for row in rows:
        headers = _headers(service, row)
        if row.key is None:
            places = range(BY_NAME[row.topic].partitions)
            records += [Outgoing(row.topic, p, None, row.value, headers) for p in places]
            continue
        key = row.key.encode()
        place = partition_of(row.topic, key)
        records.append(Outgoing(row.topic, place, key, row.value, headers))
    return records


class Relay:
    """Publishes one service's outbox; the advisory lock keeps a second process waiting."""

    def __init__(self, engine: AsyncEngine, service: str, producer: Producer) -> None:
        self._engine = engine
        self._service = service
        self._producer = producer
        self._wake = waker(engine)
        self._stopping = False
        self._since: float | None = None

    def waiting(self) -> dict[str, str]:
        """What an operator should see at `/readyz` while Kafka does not take what we have to tell."""
        waited = 0.0 if self._since is None else monotonic() - self._since
        return (
            {"outbox": f"Kafka has not taken our own events for {waited:.0f} s"}
            if waited > SLOW_S
            else {}
        )

    def stop(self) -> None:
        """End after what is being sent."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Lead when possible, and publish; waits out PostgreSQL and Kafka."""
        while not self._stopping:
            try:
                async with self._engine.connect() as connection:
                    await connection.execution_options(isolation_level="AUTOCOMMIT")
                    if (await connection.execute(_TAKE, {"lock": RELAY_LOCK})).scalar_one():
                        try:
                            await self._lead(connection)
                        finally:
                            await self._give(connection)
            except (OSError, TimeoutError, SQLAlchemyError) as error:
                if not trouble.is_passing(error):
                    raise
                _log.warning("the outbox waits for PostgreSQL", extra={"error": str(error)[:200]})
            if not self._stopping:
                await asyncio.sleep(1.0)

    @staticmethod
    async def _give(connection: AsyncConnection) -> None:
        """The lock is the session's: it must not go back into the pool with it."""
        try:
            await connection.execute(_GIVE, {"lock": RELAY_LOCK})
        except (OSError, TimeoutError, SQLAlchemyError):
            await connection.invalidate()

    async def _lead(self, lock: AsyncConnection) -> None:
        """Publish round by round, for as long as the session that took the lock still has it."""
        rounds = 0
        while not self._stopping:
            self._wake.clear()
            # why each round: a session that was ended says so only when it is asked
            if not (await lock.execute(_HELD, {"lock": RELAY_LOCK})).scalar_one():
                _log.warning("the relay's lock is gone: another process may lead")
                return
            sent = await self._publish()
            rounds += 1
            if rounds % PRUNE_EVERY == 0:
                async with self._engine.begin() as connection:
                    await outbox.prune(connection, KEEP_DAYS)
            if sent < BATCH:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_S):
                        await self._wake.wait()

    async def _publish(self) -> int:
        async with self._engine.begin() as connection:
            rows = await outbox.unpublished(connection, BATCH)
        if not rows:
            return 0
        self._since = monotonic()
        try:
            await self._send(rows)  # no transaction is open here
        finally:
            self._since = None
        return len(rows)

    async def _send(self, rows: list[Row]) -> None:
        """Of rows that Kafka refuses for good only the one stays behind, and the rest keep their order."""
        try:
            await self._producer.send(outgoing(self._service, rows))
        except RecordRefused as error:
            if len(rows) == 1:
                await self._set_aside(rows[0], str(error))
                return
            half = len(rows) // 2
            await self._send(rows[:half])
            await self._send(rows[half:])
            return
        async with self._engine.begin() as connection:
            await outbox.mark(connection, rows)
        for row in rows:
            metrics.OUTBOX_PUBLISHED.labels(topic=row.topic).inc()

    async def _set_aside(self, row: Row, why: str) -> None:
        async with self._engine.begin() as connection:
            await outbox.set_aside(connection, row)
        _log.error(
            "Kafka refuses event %s for good: set aside", row.id,
            extra={"topic": row.topic, "type": row.type, "bytes": len(row.value), "error": why},
        )  # fmt: skip
