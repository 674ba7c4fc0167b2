"""What is an answer of a service, what is none, and which connection the next one takes."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from shared.web.client.client import ServiceClient
from shared.web.client.sender import NoAnswer, NotReached

OK = b"HTTP/1.1 200 OK\r\n"
LONG = b"x" * 70_000


@asynccontextmanager
async def saying(*said):
    """A sender, and the address of a server that says this to each of its requests, then closes if it has to."""
    opened = []

    async def answer(reader, writer):
        opened.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                for part in said:
                    if part is None:
                        writer.close()
                        return
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    client = ServiceClient()
    sender = client.peer("support", "http://x")._sender
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/x"

        async def ask(within_s=20.0, **more):
            return await sender.send(
                "GET", url, asyncio.get_running_loop().time() + within_s, **more
            )

        yield ask, opened
        await client.close()


@pytest.mark.parametrize(
    ("said", "content", "connections"),
    [
        pytest.param([OK + b"Content-Length: 2\r\n\r\nhi"], b"hi", 1, id="with its length"),
        pytest.param([OK, b"content-length:2\r\n\r", b"\nh", b"i"], b"hi", 1, id="in pieces"),
        pytest.param(
            [OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nh\r\n1;x=y\r", b"\ni\r\n0\r\n\r\n"],
            b"hi", 1, id="in chunks",
        ),
        pytest.param(
            [b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi"], b"hi", 1,
            id="after one that only says it comes",
        ),
        pytest.param([b"HTTP/1.1 204 No Content\r\n\r\n"], b"", 1, id="empty"),
        pytest.param([OK + b"\r\nh", b"i", None], b"hi", 2, id="until the connection ends"),
        pytest.param(
            [OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi"], b"hi", 2, id="the last of its connection",
        ),
    ],
)  # fmt: skip
async def test_an_answer(said, content, connections):
    async with saying(*said) as (ask, opened):
        for _ in range(2):
            heard = await ask()
            assert (heard.status // 100, heard.content) == (2, content)
        assert len(opened) == connections


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([b"SSH-2.0-OpenSSH\r\n\r\n"], id="another protocol"),
        pytest.param([OK + b"X: " + LONG], id="a head without an end"),
        pytest.param([OK + b"Content-Length: -1\r\n\r\n"], id="a length that is none"),
        pytest.param([OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n"], id="a chunk's that is none"),
        pytest.param([OK + b"Content-Length: 9\r\n\r\nhi", None], id="cut"),
        pytest.param([OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhi", None], id="cut in a chunk"),
        pytest.param([None], id="nothing"),
    ],
)  # fmt: skip
async def test_no_answer(said):
    async with saying(*said) as (ask, _):
        with pytest.raises(NoAnswer):
            await ask()


async def test_nothing_in_time():
    async with saying(OK) as (ask, _):
        with pytest.raises(TimeoutError):
            await ask(0.1)


async def test_what_nobody_has_asked_for_ends_the_connection():
    whole = OK + b"Content-Length: 2\r\n\r\nhi"
    async with saying(whole + whole) as (ask, opened):
        assert (await ask()).content == (await ask()).content == b"hi"
        assert len(opened) == 2


@pytest.mark.parametrize("text", ["a\r\nX: y", "a\nb", "\u2028", "caf\u00e9"])
async def test_no_header_ends_where_it_should_not(text):
    async with saying(OK) as (ask, opened):
        with pytest.raises(NotReached):
            await ask(headers={"If-Match": text})
        assert not opened
