"""A consumer of its own for each test: real Kafka, real PostgreSQL, a table that counts."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy import text

from shared.clock import WallClock
from shared.events import Usage, codec
from shared.stream.consumer import Consumer
from shared.stream.source import Source

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOT = "9f1c2ab37d405e68"
TOPIC = "device.usage"


def usage(seq, *, source="cam-1", boot=BOOT, minutes=None, command=None):
    at = NOON + timedelta(minutes=seq if minutes is None else minutes)
    return Usage(at=at, by="person", boot=boot, seq=seq, source=source, customer="ana", command=command)  # fmt: skip


def record(event, partition=0):
    return {
        "topic": TOPIC,
        "value": codec.encode(event),
        "key": b"c:ana",
        "partition": partition,
        "headers": codec.headers(
            event,
            source=codec.telemetry_source(event),
            id_=f"{event.boot}:{event.seq}",
            subject="ana",
        ),
    }


async def until(condition, seconds=120.0):
    """Wait for a condition (maybe awaitable) to hold; fail when it does not within `seconds`."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.05)


class Bench:
    """What a test of the run loop needs: topic, database, a handler that counts per event."""

    def __init__(self, bootstrap, engine):
        self.bootstrap = bootstrap
        self.engine = engine
        self.group = f"bench-{id(self)}"
        self.poison = set()

    async def make_topic(self, partitions=6, copies=1):
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            await until(lambda: self._create(admin, partitions, copies))
        finally:
            await admin.close()

    @staticmethod
    async def _create(admin, partitions, copies):
        """Whether it is there as asked; what is there of a test before, or of a service, goes first."""
        if TOPIC in await admin.list_topics():
            await admin.delete_topics([TOPIC])
            return False
        made = await admin.create_topics(
            [NewTopic(TOPIC, partitions, copies, topic_configs={"message.timestamp.type": "LogAppendTime"})]
        )  # fmt: skip
        return made.topic_errors[0][1] == 0

    async def send(self, records):
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        for sent in [await producer.send(**record) for record in records]:
            await sent
        await producer.stop()

    async def handle(self, tx, received):
        for one in received:
            if one.event.command in self.poison:
                raise RuntimeError(f"cannot digest {one.event.command}")
            await tx.connection.execute(
                text("INSERT INTO effect VALUES (:id, 1) ON CONFLICT (id) DO UPDATE SET n = effect.n + 1"),
                {"id": one.id},
            )  # fmt: skip

    @asynccontextmanager
    async def consumer(self, **kwargs):
        source = Source(self.group, [TOPIC], self.bootstrap, self.engine, session_s=6.0)
        consumer = Consumer(source, self.engine, WallClock(), {TOPIC: self.handle}, **kwargs)
        running = asyncio.create_task(consumer.run())
        try:
            yield consumer
        finally:
            consumer.stop()
            await asyncio.wait_for(running, 90)

    async def effects(self):
        async with self.engine.begin() as connection:
            found = await connection.execute(text("SELECT id, n FROM effect"))
            return {row.id.rpartition(":")[2]: row.n for row in found}

    async def has(self, count):
        return len(await self.effects()) >= count

    async def quarantined(self):
        async with self.engine.begin() as connection:
            found = await connection.execute(text("SELECT id, reason FROM quarantine"))
            return {row.id.rpartition("#")[2]: row.reason for row in found}
