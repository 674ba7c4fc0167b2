"""A topic that Kafka lost, on real Kafka and PostgreSQL: found, published again, nothing twice."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy import text

from shared import ids
from shared.clock import WallClock, wall_now
from shared.db import outbox
from shared.db.engine import make_engine
from shared.db.outbox import Row
from shared.events import TicketChanged, codec
from shared.events.samples import SAMPLES
from shared.stream.consumer import Consumer
from shared.stream.producer import Producer
from shared.stream.relay import Relay
from shared.stream.source import Source
from tests.system import until
from tools.reconcile.kafka import Log
from tools.reconcile.reconcile import reconcile

pytestmark = pytest.mark.servers
TOPIC = "support.activity"
SAMPLE = next(event for event in SAMPLES if isinstance(event, TicketChanged))


class Pair:
    """Support, which tells, and journey, which reads: their databases, relay and consumer."""

    def __init__(self, kafka, support, journey):
        self.kafka, self.support, self.journey = kafka, support, journey
        self.tells, self.reads = make_engine(support), make_engine(journey)
        self.effects = Counter()
        self.group = f"reconcile-{id(self)}"

    async def make_topic(self):
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            if TOPIC in await admin.list_topics():
                await admin.delete_topics([TOPIC])
                while TOPIC in await admin.list_topics():  # noqa: ASYNC110 - Kafka has no event for it
                    await asyncio.sleep(0.05)

            async def made():
                wanted = NewTopic(TOPIC, 6, 1, topic_configs={"message.timestamp.type": "LogAppendTime"})  # fmt: skip
                return (await admin.create_topics([wanted])).topic_errors[0][1] == 0

            await until(made)
        finally:
            await admin.close()

    async def tell(self, first, end):
        """Write events into support's outbox and wait until Kafka has them."""
        events = [msgspec.structs.replace(SAMPLE, ticket=ids.random_id(), version=n) for n in range(first, end)]  # fmt: skip
        rows = [
            Row(f"told-{n}", TOPIC, f"c:cus-{n % 3}", codec.encode(event), "ticket_changed", wall_now())
            for n, event in zip(range(first, end), events, strict=True)
        ]  # fmt: skip
        async with self.tells.begin() as connection:
            await outbox.add(connection, rows)
        await self.all_published()

    async def all_published(self):
        producer = Producer(self.kafka, "reconcile-test")
        await producer.start()
        relay = Relay(self.tells, "support", producer)
        task = asyncio.create_task(relay.run())

        async def none_waits():
            async with self.tells.connect() as connection:
                return (await outbox.waiting(connection))[0] == 0

        try:
            await until(none_waits)
        finally:
            relay.stop()
            await asyncio.wait_for(task, 90)
            await producer.stop()

    async def handle(self, _tx, received):
        self.effects.update(one.id.rpartition("#")[2].rpartition("/")[2] for one in received)

    @asynccontextmanager
    async def reading(self):
        source = Source(self.group, [TOPIC], self.kafka, self.reads, session_s=6.0)
        consumer = Consumer(source, self.reads, WallClock(), {TOPIC: self.handle})
        running = asyncio.create_task(consumer.run())
        try:
            yield
        finally:
            consumer.stop()
            await asyncio.wait_for(running, 90)

    async def look(self, *, apply=False):
        databases = {"support": self.support, "journey": self.journey}
        return await reconcile(self.kafka, databases, wall_now(), apply=apply)

    async def in_kafka(self):
        async with Log(self.kafka) as log:
            told = await log.records([TOPIC], datetime(2026, 1, 1, tzinfo=UTC))
        return Counter(each.id for each in told)

    async def offsets(self):
        async with self.reads.connect() as connection:
            found = await connection.execute(text("SELECT topic, partition, next_offset FROM consumer_offset ORDER BY 1, 2"))  # fmt: skip
            return [tuple(row) for row in found]

    async def execute(self, engine, statement):
        async with engine.begin() as connection:
            return await connection.execute(text(statement))


@pytest.fixture
async def pair(kafka, postgres):
    made = Pair(kafka, await postgres.migrated("support"), await postgres.migrated("journey"))
    await made.make_topic()
    yield made
    await made.tells.dispose()
    await made.reads.dispose()


def wrong(lines):
    return {(line.service, line.what): line.verdict for line in lines if line.wrong}


async def test_what_kafka_lost_is_found_and_published_again_and_nothing_counts_twice(pair):
    await pair.tell(0, 5)
    async with pair.reading():
        await until(lambda: sum(pair.effects.values()) == 5)
    assert wrong(await pair.look()) == {}

    await pair.make_topic()  # the log is lost
    await pair.tell(5, 7)
    before = await pair.offsets()
    found = wrong(await pair.look())
    assert found["support", f"writes {TOPIC}"] == "5 of 7 events that were published are not in Kafka. Next: reconcile --apply"  # fmt: skip
    diverged = [said for (who, _), said in found.items() if who == "journey"]
    assert diverged
    assert all("log_diverged" in said for said in diverged)
    assert set(await pair.in_kafka()) == {"told-5", "told-6"}, "without --apply nothing changes"

    await pair.look(apply=True)
    await pair.all_published()
    await pair.look(apply=True)  # again: nothing is left to do
    await pair.all_published()
    assert await pair.in_kafka() == Counter(f"told-{n}" for n in range(7))
    assert await pair.offsets() == before, "no offset is moved"
    audited = await pair.execute(pair.tells, "SELECT who, id, after FROM audit WHERE action = 'outbox.republish'")  # fmt: skip
    assert [tuple(row) for row in audited] == [("operator:local", TOPIC, {"events": 5})]

    # as the page says: the person who has judged forgets the old positions
    await pair.execute(pair.reads, "DELETE FROM consumer_offset")
    async with pair.reading():
        await until(lambda: len(pair.effects) == 7)
        await until(lambda: read_to_the_end(pair))
    assert set(pair.effects.values()) == {1}
    assert wrong(await pair.look()) == {}


async def read_to_the_end(pair):
    async with Log(pair.kafka) as log:
        ends = {place: span.end for place, span in (await log.spans([TOPIC])).items()}
    return {(topic, n): at for topic, n, at in await pair.offsets()} == ends


async def test_a_database_that_was_restored_is_told_what_it_no_longer_knows(pair):
    await pair.tell(0, 3)
    await pair.execute(pair.tells, "DELETE FROM outbox WHERE id = 'told-2'")
    found = wrong(await pair.look(apply=True))
    assert list(found) == [("support", f"writes {TOPIC}")]
    said = found["support", f"writes {TOPIC}"]
    assert "1 events in Kafka are not in its database" in said
    assert "(told-2)" in said
