"""Contact with Kafka is lost and comes back: what was read, is it still what is there?

Trial N14 of the faults, in one process: whatever holds up the event loop holds up the consumer.
"""

import asyncio
import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from bench import TOPIC, record, until, usage

pytestmark = pytest.mark.servers


class Cut:
    """A broker whose log is copied, and that comes back with the copy after a power cut."""

    def __init__(self, server):
        self.server = server
        self.copy = server._logs.with_name("copy")

    def take(self):
        pid = self.server.who.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            shutil.copytree(self.server._logs, self.copy)
        finally:
            os.kill(pid, signal.SIGCONT)

    async def power(self, *, older):
        await self.server.kill()
        if older:
            shutil.rmtree(self.server._logs)
            self.copy.rename(self.server._logs)
        self.server.end_with_parent = False  # the kernel means the thread that starts it
        await self.server.start()

    def paused(self, *steps):
        """Run these while the loop of the consumer stands still."""

        async def run():
            for step in steps:
                await step()

        with ThreadPoolExecutor(1) as other:
            other.submit(asyncio.run, run()).result()


@pytest.fixture
def cut(kafka_server):
    made = Cut(kafka_server)
    yield made
    shutil.rmtree(made.copy, ignore_errors=True)


@pytest.mark.parametrize("extra", [0, 30], ids=["shorter", "grown past what was read"])
async def test_a_log_that_comes_back_older_stops_the_partition(bench, cut, extra):
    await bench.send([record(usage(seq), 0) for seq in range(20)])
    async with bench.consumer() as consumer:
        await until(lambda: bench.has(20))
        cut.take()
        await bench.send([record(usage(seq), 0) for seq in range(20, 30)])
        await until(lambda: bench.has(30))
        new = [record(usage(seq), n) for n in (0, 1) for seq in range(100 * (n + 1), 100 * (n + 1) + 5 + extra)]  # fmt: skip
        cut.paused(lambda: cut.power(older=True), lambda: bench.send(new))
        await until(lambda: (TOPIC, 0) in consumer.source.stopped)
        assert consumer.source.stopped[TOPIC, 0].startswith("log_diverged")
        await until(lambda: bench.has(30 + 5 + extra))
        assert list(consumer.source.stopped) == [(TOPIC, 0)], "the others are read on"
    applied = {int(seq) for seq in await bench.effects()}
    assert applied == {*range(30), *range(200, 205 + extra)}, (
        "nothing of the other log, nothing twice"
    )


async def test_a_log_that_comes_back_as_it_was_is_read_on(bench, cut):
    await bench.send([record(usage(seq), seq % 6) for seq in range(30)])
    async with bench.consumer() as consumer:
        await until(lambda: bench.has(30))
        more = [record(usage(seq), seq % 6) for seq in range(30, 90)]
        cut.paused(lambda: cut.power(older=False), lambda: bench.send(more))
        await until(lambda: bench.has(90), seconds=60)
        assert consumer.source.stopped == {}
    assert set((await bench.effects()).values()) == {1}
