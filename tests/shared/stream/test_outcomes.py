"""What nobody can know at once: was it committed, is the partition still ours?"""

import asyncio
import threading

import pytest
from bench import Bench, record, until, usage
from sqlalchemy.engine import make_url

from shared.db.engine import make_engine
from tools.faults.proxy import Proxy
from tools.local import ports

pytestmark = pytest.mark.servers


def address(engine, port=None):
    """Where the engine connects to; at another port when one is given."""
    url = make_url(engine.url)
    return (url if port is None else url.set(port=port)).render_as_string(hide_password=False)


async def test_a_lost_answer_to_commit_counts_nothing_twice(bench):
    """The database has committed, and the process cannot know: the offset row says it."""
    target = bench.engine.url.port
    proxy = await Proxy(ports.free_port(), lambda: target).start()
    through = Bench(bench.bootstrap, make_engine(address(bench.engine, proxy.port)))
    through.group = bench.group
    cut = set()

    def at_a_batch(data):
        """The first commit of each of five batches."""
        if b"COMMIT" not in data or not through.applying or through.batches in cut:
            return False
        cut.add(through.batches)
        return len(cut) <= 5

    through.applying, through.batches = False, 0
    handle = through.handle

    async def counted(tx, received):
        through.batches += 1
        through.applying = True
        await handle(tx, received)

    through.handle = counted
    proxy.cuts_at = at_a_batch
    async with through.consumer() as consumer:
        for n in range(6):
            await bench.send([record(usage(seq), seq % 6) for seq in range(n * 10, n * 10 + 10)])
            await until(lambda n=n: bench.has(n * 10 + 10))
        await until(lambda: not consumer.waiting)
    assert proxy.cuts >= 5
    assert set((await bench.effects()).values()) == {1}
    assert await bench.quarantined() == {}
    await through.engine.dispose()
    await proxy.stop()


async def test_a_member_that_stood_still_beyond_its_session_applies_nothing_twice(bench):
    """Another has taken its partitions and moved them on; it wakes in the middle of a batch."""
    begun, goes_on = threading.Event(), threading.Event()
    frozen = Bench(bench.bootstrap, None)
    frozen.group = bench.group
    ends = threading.Event()

    async def stands_still(tx, received):
        if not begun.is_set():
            begun.set()
            goes_on.wait(60)  # the whole loop of that thread: no heartbeat either
        await Bench.handle(frozen, tx, received)

    async def member():
        frozen.engine = make_engine(address(bench.engine))
        frozen.handle = stands_still
        async with frozen.consumer() as consumer:
            await until(ends.is_set, seconds=120)
            assert consumer.source.stopped == {}
        await frozen.engine.dispose()

    thread = asyncio.create_task(asyncio.to_thread(asyncio.run, member()))
    await bench.send([record(usage(seq), seq % 6) for seq in range(60)])
    await until(begun.is_set)
    async with bench.consumer() as second:
        await until(lambda: len(second.source.positions) == 6, seconds=120)
        await until(lambda: bench.has(60))
        goes_on.set()
        await bench.send([record(usage(seq), seq % 6) for seq in range(60, 90)])
        await until(lambda: bench.has(90))
        ends.set()
        await asyncio.wait_for(thread, 90)
    assert await bench.effects() == {str(seq): 1 for seq in range(90)}
