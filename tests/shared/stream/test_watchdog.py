"""When a consumer is stuck, and what is said before: both sides of each edge; then a real one."""

import asyncio
from types import SimpleNamespace

import pytest
from bench import TOPIC, record, until, usage

from shared.clock import WallClock
from shared.process import STUCK, Process
from shared.stream import watch as watching
from shared.stream.consumer import Consumer
from shared.stream.source import Source
from shared.stream.watch import Stuck, Watch
from shared.stream.watchdog import Sight, Watchdog
from tests.proxy import Proxy


def seen(seconds, *, heard=True, in_group=True, unread=True, moving=False, step=1.0):
    """A watchdog that has looked once a second for so long."""
    dog = Watchdog(now_s=0.0)
    dog.see(0.0, Sight(0.0, in_group=True, unread=False, moves=0))
    at = 0.0
    while at < seconds:
        at += step
        dog.see(at, Sight(at if heard else 0.0, in_group, unread, int(at) if moving else 0))
    return dog


@pytest.mark.parametrize(
    ("dog", "stuck", "said"),
    [
        pytest.param(seen(14), None, [], id="a batch of some seconds"),
        pytest.param(seen(15), None, ["records"], id="said after 15 s"),
        pytest.param(seen(119), None, ["records"], id="not yet stuck"),
        pytest.param(seen(120), "unread records, and none applied for 120 s", ["records"], id="stuck"),
        pytest.param(seen(500, moving=True), None, [], id="slow, but it moves"),
        pytest.param(seen(500, unread=False), None, [], id="nothing to do"),
        pytest.param(seen(9, in_group=False, unread=False), None, [], id="a rebalance"),
        pytest.param(seen(10, in_group=False, unread=False), None, ["group"], id="no group is said"),
        pytest.param(seen(59, in_group=False, unread=False), None, ["group"], id="the group may come back"),
        pytest.param(seen(60, in_group=False, unread=False), "without its group for 60 s", ["group"], id="no group"),
        pytest.param(seen(9, heard=False, unread=False), None, [], id="Kafka is slow"),
        pytest.param(seen(10, heard=False, unread=False), None, ["kafka"], id="Kafka is silent"),
        pytest.param(seen(500, heard=False, unread=False), None, ["kafka"], id="silence alone ends nobody"),
        pytest.param(seen(200, step=200.0), None, [], id="this process was paused itself"),
    ],
)  # fmt: skip
def test_what_is_said_and_when_it_ends(dog, stuck, said):
    assert dog.stuck() == stuck
    assert sorted(dog.says()) == said


def test_an_excuse_counts_from_the_beginning():
    dog = seen(130)
    dog.excuse()
    assert dog.stuck() is None
    assert dog.says() == {}


def test_a_stuck_consumer_ends_the_process_with_70():
    async def stuck():
        raise Stuck("without its group for 60 s")

    async def code():
        task = asyncio.create_task(stuck(), name="watch")
        await asyncio.wait({task})
        return Process._report(SimpleNamespace(_stopping=asyncio.Event()), [task])

    assert asyncio.run(code()) == STUCK == 70


@pytest.mark.servers
async def test_a_batch_that_stands_is_said_and_ends_it_unless_a_server_is_away(bench, monkeypatch):
    """With Kafka behind a proxy that holds everything back, it is Kafka's fault; else it is ours."""
    monkeypatch.setattr("shared.stream.watchdog.NO_PROGRESS_S", 2.0)
    monkeypatch.setattr("shared.stream.watchdog.NO_PROGRESS_SAID_S", 0.5)
    monkeypatch.setattr(watching, "LOOK_S", 0.1)
    monkeypatch.setattr(watching, "ANSWER_S", 0.5)
    hangs = asyncio.Event()

    async def handle(*_):
        await hangs.wait()

    host, _, port = bench.bootstrap.partition(":")
    source = Source(bench.group, [TOPIC], bench.bootstrap, bench.engine, session_s=6.0)
    consumer = Consumer(source, bench.engine, WallClock(), {TOPIC: handle})
    running = asyncio.create_task(consumer.run())
    await bench.send([record(usage(1))])
    async with Proxy(host, int(port)) as proxy:
        proxy.hold()
        excused = Watch(consumer, f"127.0.0.1:{proxy.port}", bench.engine)
        watched = asyncio.create_task(excused.run())
        await until(lambda: "records" in excused.says())
        for _ in range(2):  # counted to its end, and begun anew
            await until(lambda: excused._dog.stuck() is not None)
            await until(lambda: excused._dog.stuck() is None)
        assert not watched.done()
        watched.cancel()
    watch = Watch(consumer, bench.bootstrap, bench.engine)
    with pytest.raises(Stuck, match="none applied"):
        await asyncio.wait_for(watch.run(), 20)
    assert watch.is_stuck
    hangs.set()
    await until(lambda: source.positions.get((TOPIC, 0)) and source.positions[TOPIC, 0].next_offset == 1)  # fmt: skip
    consumer.stop()
    await asyncio.wait_for(running, 90)
