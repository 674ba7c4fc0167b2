"""What two panels of a page want to know is asked once, and never kept beyond what changes it."""

import asyncio

import pytest

from services.console.edges.services.once import MOST, AskedOnce
from shared.web.client.answered import Answer, Away
from tests.served import until


class Service:
    """Answers when it is told to; notes what it was asked."""

    name = "support"

    def __init__(self) -> None:
        self.asked = []
        self.gone = 0
        self.answers = asyncio.Event()
        self.answers.set()
        self.error = None

    async def get(self, path, *names, bearer, params, deadline_s):
        self.asked.append((path, *names))
        try:
            await self.answers.wait()
        except asyncio.CancelledError:
            self.gone += 1
            raise
        if self.error is not None:
            raise self.error
        return Answer(self.name, 200, b"%d" % len(self.asked), None)

    async def send(self, method, path, *names, **rest):
        self.asked.append((method, path, *names))
        return Answer(self.name, 200, b"0", None)


async def test_the_same_question_is_put_once_until_something_is_changed():
    service = Service()
    page = AskedOnce(service)
    one, two, other = await asyncio.gather(
        page.get("/v1/x/{}", "a", params={"limit": 5}),
        page.get("/v1/x/{}", "a", params={"limit": 5}),
        page.get("/v1/x/{}", "a", params={"limit": 6}),
    )
    assert (one, len(service.asked)) == (two, 2)
    assert other != one
    await page.post("/v1/x/{}", "a")
    assert (await page.get("/v1/x/{}", "a", params={"limit": 5})) != one
    assert (await AskedOnce(service).get("/v1/x/{}", "a", params={"limit": 5})) != one


async def test_a_question_lives_as_long_as_somebody_waits_for_it():
    service = Service()
    service.answers.clear()
    page = AskedOnce(service)
    first, second = (asyncio.create_task(page.get("/v1/x")) for _ in range(2))
    await until(lambda: service.asked)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert service.gone == 0
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await until(lambda: service.gone == 1)
    service.answers.set()
    assert (await page.get("/v1/x")).content == b"2"


async def test_a_failure_is_told_to_all_who_wait_for_it():
    service = Service()
    service.error = Away("support", "no answer")
    page = AskedOnce(service)
    told = await asyncio.gather(*(page.get("/v1/x") for _ in range(3)), return_exceptions=True)
    assert (told, len(service.asked)) == ([service.error] * 3, 1)
    with pytest.raises(Away):
        await page.get("/v1/x")


async def test_a_long_file_does_not_fill_the_memory():
    page = AskedOnce(Service())
    for n in range(3 * MOST):
        await page.get("/v1/x", params={"after": n})
    assert len(page._asked) <= MOST
