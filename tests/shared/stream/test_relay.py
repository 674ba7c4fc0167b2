"""The relay: one leader, in order, nothing unsent, and what a crash repeats has the same id."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from bench import until
from sqlalchemy import text

from shared.db import outbox
from shared.db.engine import make_engine
from shared.db.outbox import Row
from shared.stream import relay as relay_module
from shared.stream.admin import ensure_topics
from shared.stream.producer import Producer, partition_of
from shared.stream.relay import RELAY_LOCK, Relay

pytestmark = pytest.mark.servers
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Sent:
    """In place of Kafka: which ids were sent by whom, in order; it can fail after it has sent."""

    def __init__(self, log, who):
        self.log, self.who, self.crash = log, who, False

    async def send(self, records):
        for record in records:
            self.log.append((self.who, dict(record.headers)["ce_id"].decode()))
        if self.crash:
            raise RuntimeError("the process ends here")


@pytest.fixture
async def engine(postgres):
    made = make_engine(await postgres.runtime("relay"))
    yield made
    await made.dispose()


async def write(engine, *ids, topic="support.activity"):
    async with engine.begin() as connection:
        await outbox.add(
            connection,
            [Row(id_, topic, "c:ana", b"{}", "ticket_changed", NOON) for id_ in ids],
        )


@asynccontextmanager
async def running(engine, producer):
    relay = Relay(engine, "support", producer)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        relay.stop()
        await asyncio.wait_for(task, 90)


async def holder(engine):
    async with engine.begin() as connection:
        found = await connection.execute(
            text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock"
                 " AND granted AND database = (SELECT oid FROM pg_database"
                 " WHERE datname = current_database())"),
            {"lock": RELAY_LOCK},
        )  # fmt: skip
        return found.scalars().all()


async def test_a_relay_whose_lock_session_is_ended_leads_no_more(engine):
    log = []
    other = make_engine(engine.url.render_as_string(hide_password=False))
    async with running(engine, Sent(log, "first")):
        await write(engine, "a")
        await until(lambda: log == [("first", "a")])
        (pid,) = await holder(engine)
        async with running(other, Sent(log, "second")):
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            for n in range(40):
                await write(engine, f"b{n}")
                await asyncio.sleep(0.05)
            await until(lambda: len(log) >= 41)
            assert len(await holder(engine)) == 1
    assert [id_ for _, id_ in log] == ["a", *(f"b{n}" for n in range(40))], "each once, in order"
    await other.dispose()


async def test_it_says_so_while_kafka_does_not_take_its_events(engine, monkeypatch):
    monkeypatch.setattr(relay_module, "SLOW_S", 0.1)
    taken = asyncio.Event()

    class Slow(Sent):
        async def send(self, records):
            await taken.wait()
            await super().send(records)

    log = []
    async with running(engine, Slow(log, "first")) as relay:
        assert relay.waiting() == {}
        await write(engine, "a")
        await until(relay.waiting)
        assert relay.waiting() == {"outbox": "Kafka has not taken our own events for 0 s"}
        taken.set()
        await until(lambda: log == [("first", "a")] and not relay.waiting())


async def test_a_crash_between_sending_and_marking_sends_again_in_order(engine):
    log = []
    producer = Sent(log, "first")
    producer.crash = True
    await write(engine, "a", "b", "c")
    with pytest.raises(RuntimeError):
        await Relay(engine, "support", producer).run()
    async with running(engine, Sent(log, "second")):
        await until(lambda: len(log) == 6)
        await write(engine, "d")
        await until(lambda: len(log) == 7)
    assert [id_ for _, id_ in log] == ["a", "b", "c", "a", "b", "c", "d"]
    assert await holder(engine) == []


async def test_a_row_for_a_topic_nobody_knows_holds_up_no_other(engine):
    log = []
    await write(engine, *(f"x{n}" for n in range(600)), topic="gone.topic")
    await write(engine, "a")
    async with running(engine, Sent(log, "first")):
        await until(lambda: log == [("first", "a")])
    async with engine.begin() as connection:
        assert (await outbox.waiting(connection))[0] == 600


async def states(engine):
    async with engine.connect() as connection:
        query = "SELECT id, topic, published_at IS NOT NULL FROM outbox ORDER BY position"
        return [tuple(row) for row in await connection.execute(text(query))]


async def test_what_kafka_refuses_for_good_is_set_aside_and_the_others_go_on(engine, kafka):
    await ensure_topics(kafka, single=True)
    rows = [
        Row(f"r{n}", "support.activity", "c:ana", b"{}", "ticket_changed", NOON) for n in range(9)
    ]
    for at in (0, 4):  # larger than the topic takes
        rows[at] = replace(rows[at], value=b"x" * 3 * 2**20)
    async with engine.begin() as connection:
        await outbox.add(connection, rows)
    producer = Producer(kafka, "relay-test")
    async with running(engine, producer):

        async def done():
            async with engine.connect() as connection:
                waiting, _, aside = await outbox.waiting(connection)
            return (waiting, aside) == (0, 2)

        await until(done)
        await write(engine, "later")

        async def published():
            return (await states(engine))[-1] == ("later", "support.activity", True)

        await until(published)
    await producer.stop()
    kept = {id_: topic for id_, topic, out in await states(engine) if not out}
    assert kept == {"r0": "refused:support.activity", "r4": "refused:support.activity"}
    place = TopicPartition("support.activity", partition_of("support.activity", b"c:ana"))
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end, seen = (await consumer.end_offsets([place]))[place], []
        while await consumer.position(place) < end:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                seen += [dict(record.headers)["ce_id"].decode() for record in batch]
    finally:
        await consumer.stop()
    first = list(dict.fromkeys(id_ for id_ in seen if id_.startswith(("r", "later"))))
    assert first == ["r1", "r2", "r3", "r5", "r6", "r7", "r8", "later"]
