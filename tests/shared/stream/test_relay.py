"""The relay: one leader, in order, nothing unsent, and what a crash repeats has the same id."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from bench import until
from sqlalchemy import text

from shared.db import outbox
from shared.db.engine import make_engine
from shared.db.outbox import Row
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
        await asyncio.wait_for(task, 30)


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
