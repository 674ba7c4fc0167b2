"""Timers and day closings never overtake a record that is in Kafka: slow, silent and late brokers.

The consumer's way to Kafka leads through a proxy, the sender's does not. Every firing notes up to
when it was allowed and what had been applied by then.
"""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import aiokafka.client
import pytest
from bench import TOPIC, Bench, record, until, usage
from sqlalchemy import text

from shared.clock import WallClock, wall_now
from shared.db.engine import make_engine
from shared.db.offsets import Position
from shared.stream.consumer import Consumer
from shared.stream.contact import Mark
from shared.stream.read_up import lowest, up_to
from shared.stream.source import Source
from shared.stream.timers import Timer
from tests.analytics.player import close_days
from tools.faults.proxy import Proxy
from tools.local import ports

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def stands(next_offset, last=None):
    return Position(TOPIC, 0, next_offset, last_at=None if last is None else at(last))


@pytest.mark.parametrize(
    ("position", "mark", "expected"),
    [
        pytest.param(stands(5, 1), Mark(at(9), 5), at(9), id="at its end"),
        pytest.param(stands(6, 1), Mark(at(9), 5), at(9), id="beyond it by now"),
        pytest.param(stands(5, 12), Mark(at(9), 5), at(12), id="its last record came after the fetch"),
        pytest.param(stands(4, 1), Mark(at(9), 5), at(1), id="one record unread"),
        pytest.param(stands(0), Mark(at(9), 5), None, id="nothing of it applied yet"),
        pytest.param(stands(0), Mark(at(9), 0), at(9), id="nothing in it"),
        pytest.param(stands(5, 1), None, at(1), id="no answer yet"),
        pytest.param(stands(5), None, None, id="no answer, and nothing applied"),
        pytest.param(None, Mark(at(9), 0), at(9), id="nobody has begun it, and it is empty"),
        pytest.param(None, Mark(at(9), 1), None, id="nobody has begun it, and it is not"),
        pytest.param(None, None, None, id="nothing known"),
    ],
)  # fmt: skip
def test_up_to_when_a_partition_is_read(position, mark, expected):
    assert up_to(position, mark) == expected


@pytest.mark.parametrize(
    ("times", "expected"),
    [([], None), ([3], at(3)), ([3, 2, 9], at(2)), ([3, None], None)],
)
def test_the_lowest_counts_and_one_unknown_is_unknown(times, expected):
    found = {(TOPIC, n): None if s is None else at(s) for n, s in enumerate(times)}
    assert lowest(found) == expected


class Timers:
    """A consumer behind a proxy, and what its timers saw."""

    def __init__(self, bench, proxy):
        self.bench, self.proxy = bench, proxy
        self.fired = []

    async def fire(self, tx, limit=0):
        rows = await tx.connection.execute(text("SELECT count(*) FROM effect"))
        self.fired.append((tx.now, rows.scalar_one(), wall_now()))
        return 0

    def up_to(self):
        return max((now for now, _, _ in self.fired), default=None)

    async def passed(self, moment, seconds=120.0):
        await until(lambda: self.fired and self.up_to() > moment, seconds)

    def never_before(self, moment, effects):
        """No timer was let past this moment while fewer records were applied."""
        early = [each for each in self.fired if each[0] >= moment and each[1] < effects]
        assert early == []

    @asynccontextmanager
    async def consumer(self, **more):
        async with self.bench.consumer(timers=[Timer(self.fire)], **more) as made:
            yield made


@pytest.fixture
async def proxy(kafka, monkeypatch):
    port = int(kafka.rpartition(":")[2])
    made = await Proxy(ports.free_port(), lambda: port).start()
    create = aiokafka.client.create_conn

    async def through(host, its_port, *, client_id, **more):
        sends = client_id.startswith("aiokafka-producer")
        return await create(host, its_port if sends else made.port, client_id=client_id, **more)

    monkeypatch.setattr(aiokafka.client, "create_conn", through)
    yield made
    made.release()
    await made.stop()


@pytest.fixture
def timed(bench, proxy):
    return Timers(bench, proxy)


async def appended(timed, seq, partition=0):
    """Send one record; it was in Kafka at the returned moment."""
    await timed.bench.send([record(usage(seq), partition)])
    return wall_now()


@pytest.mark.servers
async def test_in_quiet_operation_timers_are_up_to_date(timed):
    await timed.bench.send([record(usage(seq), seq % 6) for seq in range(3)])  # half are empty
    async with timed.consumer():
        await until(lambda: len(timed.fired) >= 4)
    late = sorted((wall - now).total_seconds() for now, _, wall in timed.fired[1:])
    assert late[len(late) // 2] < 1.0, late


@pytest.mark.servers
async def test_a_silent_broker_holds_timers_back(timed):
    await timed.bench.send([record(usage(1))])
    async with timed.consumer():
        await timed.passed(wall_now())
        timed.proxy.hold()
        there = await appended(timed, 2, partition=3)
        rounds = wall_now() + timedelta(seconds=2.5)  # several timers would be due in this time
        await until(lambda: wall_now() > rounds)
        assert timed.up_to() < there
        timed.proxy.release()
        await timed.passed(there)
    timed.never_before(there, 2)


@pytest.mark.servers
async def test_a_slow_broker_holds_timers_back_as_long_as_it_is_slow(timed):
    async with timed.consumer():
        await timed.passed(wall_now())
        timed.proxy.delay_s = 0.3
        there = [await appended(timed, seq, partition=seq % 6) for seq in range(4)]
        await timed.passed(there[-1])
    for n, moment in enumerate(there, start=1):
        timed.never_before(moment, n)


@pytest.mark.servers
async def test_a_late_broker_after_a_start(timed):
    """N7: at a start no answer has come yet, and that is not `all is read`."""
    await timed.bench.send([record(usage(seq), seq) for seq in range(6)])
    async with timed.consumer():
        await until(lambda: timed.bench.has(6))
    there = await appended(timed, 10, partition=5)
    timed.fired.clear()
    timed.proxy.delay_s = 0.3
    async with timed.consumer():
        await timed.passed(there)
    timed.never_before(there, 7)


@pytest.mark.servers
async def test_what_another_member_has_not_applied_holds_timers_back(timed):
    stands_still = asyncio.Event()

    async def later(tx, received):
        await stands_still.wait()
        await timed.bench.handle(tx, received)

    source = Source(timed.bench.group, [TOPIC], timed.bench.bootstrap, timed.bench.engine, 6.0)
    second = Consumer(source, timed.bench.engine, WallClock(), {TOPIC: later})
    async with timed.consumer() as first:
        running = asyncio.create_task(second.run())
        await until(lambda: len(source.positions) == 3 and len(first.source.positions) == 3)
        await timed.passed(wall_now())
        there = await appended(timed, 1, partition=next(n for _, n in source.positions))
        rounds = wall_now() + timedelta(seconds=2.5)
        await until(lambda: wall_now() > rounds)
        assert timed.up_to() < there
        stands_still.set()
        await timed.passed(there)
        second.stop()
        await asyncio.wait_for(running, 90)
    timed.never_before(there, 1)


@pytest.mark.servers
async def test_a_stopped_partition_holds_all_timers_back(timed):
    async with timed.consumer() as consumer:
        await timed.passed(wall_now())
        consumer.source.stop_partition((TOPIC, 2), "log_diverged", "for this test")
        assert await consumer.source.caught_up_to(wall_now()) is None
        assert not consumer.source.sight().unread


@pytest.mark.servers
async def test_a_day_closes_only_after_what_had_arrived_before_is_read(kafka, postgres, proxy):
    """Hole 5: with Kafka held back, the day that became due meanwhile stays open."""
    engine = make_engine(await postgres.migrated("analytics"))
    bench = Bench(kafka, engine)
    await bench.make_topic()
    due = wall_now() + timedelta(seconds=4)
    async with engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO region_clock (region, zones, next_day, due_at) VALUES ('x', '{\"UTC\": null}', :day, :due)"),
            {"day": date(2026, 3, 1), "due": due},
        )  # fmt: skip

    applied = []

    async def handle(tx, received):
        applied.extend((wall_now(), one.id) for one in received)

    async def still_due():
        async with engine.connect() as connection:
            found = await connection.execute(text("SELECT due_at FROM region_clock"))
            return found.scalar_one() == due

    async def closed():
        return not await still_due()

    source = Source(bench.group, [TOPIC], kafka, engine, session_s=20.0)
    consumer = Consumer(source, engine, WallClock(), {TOPIC: handle}, [Timer(close_days)])
    running = asyncio.create_task(consumer.run())
    await until(lambda: len(source.positions) == 6)
    proxy.hold()
    await bench.send([record(usage(1))])
    await until(lambda: wall_now() > due + timedelta(seconds=2.5))
    assert await still_due()
    assert applied == []
    proxy.release()
    await until(closed)
    assert len(applied) == 1
    consumer.stop()
    await asyncio.wait_for(running, 90)
    await engine.dispose()
