"""Whoever asks for a count over everything does not wait for it, where there is much to count."""

import asyncio

import pytest

from shared.web.counted import FRESH_S, KEPT, LONG_S, MANY, REST, STALE_S, Counted


class Crowd:
    """Counts itself, and remembers how often it had to."""

    def __init__(self, size: int) -> None:
        self.size, self.times = size, 0

    async def count(self) -> int:
        self.times += 1
        return self.size


@pytest.fixture
def at():
    """The time, as a list of one."""
    return [0.0]


async def asked(counted, crowd, what="crowd"):
    answer = await counted.get(what, crowd.count, lambda size: size)
    for _ in range(3):
        await asyncio.sleep(0)  # so that what was begun ends
    return answer


@pytest.mark.parametrize(
    ("size", "after_s", "answer", "times"),
    [
        pytest.param(MANY - 1, 0.0, 0, 2, id="few: counted for everybody"),
        pytest.param(MANY, 0.0, MANY, 1, id="many: as a moment ago"),
        pytest.param(MANY, FRESH_S - 0.1, MANY, 1, id="still fresh"),
        pytest.param(MANY, FRESH_S, MANY, 2, id="as it was, and counted anew"),
        pytest.param(MANY, STALE_S, 0, 2, id="too old: one waits"),
    ],
)
async def test_when_it_is_counted_anew(at, size, after_s, answer, times):
    counted, crowd = Counted(lambda: at[0]), Crowd(size)
    assert await asked(counted, crowd) == size
    crowd.size, at[0] = 0, after_s
    assert (await asked(counted, crowd), crowd.times) == (answer, times)
    assert await asked(counted, crowd) == (answer if times == 1 else 0)


async def test_what_takes_long_is_counted_less_often(at):
    counted, crowd = Counted(lambda: at[0]), Crowd(MANY)

    async def slow() -> int:
        at[0] += 2.0
        return await crowd.count()

    for after_s, times in ((0.0, 1), (2.0 + FRESH_S, 1), (REST * 2.0 - 0.1, 1), (REST * 2.0, 2)):
        at[0] = after_s
        await counted.get("crowd", slow, lambda size: size)
        for _ in range(3):
            await asyncio.sleep(0)
        assert crowd.times == times


@pytest.mark.parametrize(
    ("took_s", "among", "times"),
    [
        pytest.param(LONG_S, MANY, 1, id="long, among many: as a moment ago"),
        pytest.param(LONG_S / 2, MANY, 3, id="soon done: counted for everybody"),
        pytest.param(LONG_S, MANY - 1, 3, id="among few: counted for everybody"),
        pytest.param(LONG_S, None, 3, id="nothing left out: counted for everybody"),
    ],
)
async def test_few_that_are_looked_for_among_many(at, took_s, among, times):
    counted, crowd = Counted(lambda: at[0]), Crowd(3)

    async def found() -> int:
        at[0] += took_s
        return await crowd.count()

    of = None if among is None else (lambda _: among)
    for _ in range(3):
        assert await counted.get("found", found, lambda size: size, of) == 3
        await asyncio.sleep(0)
    assert crowd.times == times


async def test_one_counts_for_all_and_a_failure_is_nobodys(at):
    counted, crowd = Counted(lambda: at[0]), Crowd(MANY)
    await asked(counted, crowd)
    at[0] = FRESH_S

    async def broken() -> int:
        raise OSError

    answers = await asyncio.gather(
        *(counted.get("crowd", broken, lambda size: size) for _ in range(5))
    )
    assert answers == [MANY] * 5
    assert await asked(counted, crowd) == MANY
    assert crowd.times == 2


@pytest.mark.parametrize(
    ("size", "times"),
    [pytest.param(MANY, 1, id="many: once"), pytest.param(MANY - 1, 5, id="few: for each")],
)
async def test_all_who_come_before_there_is_an_answer_share_a_long_count(at, size, times):
    counted, crowd = Counted(lambda: at[0]), Crowd(size)
    answers = await asyncio.gather(*(asked(counted, crowd) for _ in range(5)))
    assert (answers, crowd.times) == ([size] * 5, times)


async def test_whoever_leaves_takes_the_count_from_nobody(at):
    counted, crowd, go = Counted(lambda: at[0]), Crowd(MANY), asyncio.Event()

    async def slow() -> int:
        await go.wait()
        return await crowd.count()

    first, second = (
        asyncio.create_task(counted.get("crowd", slow, lambda size: size)) for _ in range(2)
    )
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    go.set()
    assert (await second, crowd.times) == (MANY, 1)


async def test_only_so_many_answers_are_kept(at):
    counted, crowd = Counted(lambda: at[0]), Crowd(MANY)
    for n in range(KEPT + 1):
        await asked(counted, crowd, n)
    await asked(counted, crowd, KEPT)
    assert crowd.times == KEPT + 1
    await asked(counted, crowd, 0)
    assert crowd.times == KEPT + 2
