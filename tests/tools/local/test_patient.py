"""Our own clients wait when they are told to."""

import asyncio

import httpx
import pytest

from shared.clock import WallClock, monotonic
from shared.web.app import create_app
from shared.web.guards.rates import Rate, Rates
from tests.served import served
from tests.signed import headers, permit
from tools.local.patient import Patient


@pytest.mark.slow
async def test_a_client_that_sends_too_much_waits_and_gets_every_answer():
    async def ready():
        return {}

    rates = Rates(Rate(per_s=5, burst=10), Rate(5, 50))
    app = create_app("x", [], clock=WallClock(), access=permit(), ready=ready, rates=rates)
    async with served(app) as port:
        url, began = f"http://127.0.0.1:{port}/v1/nowhere", monotonic()
        async with httpx.AsyncClient(transport=Patient(), headers=headers("admin")) as http:
            answers = await asyncio.gather(*(http.get(url) for _ in range(14)))
        took = monotonic() - began
        other = headers("admin", subject="account:impatient")
        async with httpx.AsyncClient(headers=other) as impatient:
            told = await asyncio.gather(*(impatient.get(url) for _ in range(14)))
    assert {answer.status_code for answer in answers} == {404}
    assert took >= 0.7, "four had to wait, a fifth of a second each"
    assert 429 in {answer.status_code for answer in told}, "without it they are told to"


@pytest.fixture
async def forgetful():
    """A server that closes each first connection on the request, and answers the next; requests it read."""
    read = []

    async def answer(reader, writer):
        read.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[0])
        if len(read) % 2 == 0:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", read


@pytest.mark.slow
async def test_a_question_that_was_lost_is_asked_again_a_change_is_not(forgetful):
    url, read = forgetful
    async with httpx.AsyncClient(transport=Patient()) as http:
        assert (await http.get(url)).text == "ok"
        with pytest.raises(httpx.RemoteProtocolError):
            await http.post(url)
    assert read == [b"GET", b"GET", b"POST"]
