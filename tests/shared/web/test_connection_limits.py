"""Slow, many and unreadable clients on a really running server: cut in bounded time, others served."""

import asyncio
import json
import re
import ssl
import time
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, Request
from fastapi.responses import Response

from shared import metrics
from shared.clock import WallClock, wall_now
from shared.pki_files import PkiFiles
from shared.web import serving
from shared.web.app import create_app
from shared.web.guards import limits
from shared.web.guards.connection_limits import ConnectionLimits
from shared.web.guards.limits import RequestLimit
from shared.web.guards.rights import Right
from tests.served import raw, served, until
from tests.signed import access, headers

pytestmark = pytest.mark.slow

BIG = b"x" * 8_000_000
RIGHTS = (
    Right("GET", "/v1/things", {"agent": "all"}),
    Right("POST", "/v1/things", {"agent": "all"}),
    Right("GET", "/v1/big", {"agent": "all"}),
    Right("POST", "/v1/big", {"agent": "all"}),
)


def app(pause_s=0.3, spare_s=1.0):
    router = APIRouter()

    @router.get("/v1/things")
    async def things(request: Request) -> dict[str, str]:
        return {"address": request.client.host, "scheme": request.url.scheme}

    @router.post("/v1/things")
    async def make(body: dict[str, int]) -> int:
        return len(body)

    @router.get("/v1/big")
    async def big() -> Response:
        return Response(BIG)

    @router.post("/v1/big")
    async def keep(request: Request) -> int:
        return len(await request.body())

    async def ready():
        return {}

    made = create_app("x", [router], clock=WallClock(), access=access(*RIGHTS), ready=ready)
    for layer in made.user_middleware:
        if layer.cls is RequestLimit:
            layer.kwargs.update(pause_s=pause_s, spare_s=spare_s)
    return made


def token() -> str:
    """Good for five minutes: made where it is sent."""
    return headers("agent")["Authorization"]


def head(method: str, path: str, *lines: str, by: str | None = None) -> bytes:
    text = [
        f"{method} {path} HTTP/1.1",
        "Host: x",
        f"Authorization: {by or token()}",
        *lines,
        "",
        "",
    ]
    return "\r\n".join(text).encode()


def status(said: bytes) -> int:
    return int(said.split(b" ", 2)[1])


def kind(said: bytes) -> str:
    return json.loads(said.partition(b"\r\n\r\n")[2])["type"].rpartition(":")[2]


def cut(why: str) -> float:
    return metrics.REGISTRY.get_sample_value("playcaller_http_cut_total", {"why": why}) or 0.0


@asynccontextmanager
async def connected(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def all_of(reader) -> bytes:
    """What comes until the end, also where the end is a reset (we were still sending)."""
    said = b""
    try:
        while piece := await reader.read(65_536):
            said += piece
    except ConnectionError:
        pass
    return said


async def drip(writer, pieces, every_s=0.05) -> None:
    """Send a byte now and then, as long as the server takes it."""
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every_s)
    except ConnectionError:
        return


def forever(piece: bytes):
    while True:
        yield piece


async def test_a_slow_head_ends_in_bounded_time_and_others_are_served_meanwhile():
    """Slowloris: fifty connections send a header line now and then, and never the last one."""
    before = cut("too_slow")
    limits = ConnectionLimits(head_s=2.0)
    async with served(app(), limits) as port, httpx.AsyncClient(timeout=30) as other:
        url = f"http://127.0.0.1:{port}/v1/things"
        began = time.monotonic()
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
        drips = []
        for _, writer in slow:
            writer.write(b"GET /v1/things HTTP/1.1\r\nHost: x\r\n")
            drips.append(asyncio.create_task(drip(writer, forever(b"X-A: b\r\n"))))
        answers = asyncio.gather(*(all_of(reader) for reader, _ in slow))
        async with asyncio.timeout(60):  # without an end to a head they would drip for ever
            while not answers.done():
                answer = await other.get(url, headers={"Authorization": token()})
                assert answer.status_code == 200
        took = time.monotonic() - began
        said = await answers
        await asyncio.gather(*drips)
        for _, writer in slow:
            writer.close()

    assert took >= 2.0
    told = [each for each in said if each]  # a reset may overtake the answer
    assert {(status(each), kind(each)) for each in told} == {(408, "too_slow")}
    assert cut("too_slow") == before + 50


async def test_a_connection_that_says_nothing_is_closed_without_a_word():
    before = cut("silent")
    async with served(app(), ConnectionLimits(head_s=0.3)) as port:
        assert await raw(port, b"") == b""
    assert cut("silent") == before + 1


async def test_over_tls_it_is_the_same(tmp_path):
    files = PkiFiles(tmp_path).ensure(wall_now())
    tls = {"HTTP_TLS_CERT_FILE": str(files.server), "HTTP_TLS_KEY_FILE": str(files.server_key)}
    trust = ssl.create_default_context(cafile=files.ca)
    async with served(app(), ConnectionLimits(head_s=0.3), **tls) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
        writer.write(b"GET /v1/things HTTP/1.1\r\n")
        async with asyncio.timeout(90):
            said = await reader.read()
        assert (status(said), kind(said)) == (408, "too_slow")
        writer.close()
        async with httpx.AsyncClient(verify=trust) as http:
            url = f"https://127.0.0.1:{port}/v1/things"
            answer = await http.get(url, headers={"Authorization": token()})
    assert answer.json()["scheme"] == "https"
    assert answer.headers["strict-transport-security"].startswith("max-age=")


async def test_a_handshake_that_does_not_come_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "HANDSHAKE_S", 0.4)
    files = PkiFiles(tmp_path).ensure(wall_now())
    tls = {"HTTP_TLS_CERT_FILE": str(files.server), "HTTP_TLS_KEY_FILE": str(files.server_key)}
    async with served(app(), **tls) as port:
        said = await raw(port, b"")
        begun = await raw(port, b"\x16\x03\x01")
    assert said == begun == b""


async def test_over_tls_a_client_that_goes_on_writing_is_not_listened_to_for_long(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(serving, "SHUTDOWN_S", 0.3)
    files = PkiFiles(tmp_path).ensure(wall_now())
    tls = {"HTTP_TLS_CERT_FILE": str(files.server), "HTTP_TLS_KEY_FILE": str(files.server_key)}
    trust = ssl.create_default_context(cafile=files.ca)
    async with served(app(), ConnectionLimits(linger_s=0.3), **tls) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
        writer.write(b"POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
        async with asyncio.timeout(90):  # it writes until it is cut
            await drip(writer, forever(b"x" * 1_000), every_s=0.01)
        writer.transport.abort()


ODD_LINES = {
    "a bare line feed": b"GET /v1/things HTTP/1.1\nHost: x\r\n\r\n",
    "one within": b"GET /v1/things HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n",
    "at the end": b"GET /v1/things HTTP/1.1\r\nHost: x\r\n\n",
    "a folded line": b"GET /v1/things HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n",
    "folded by a tab": b"GET /v1/things HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\tc\r\n\r\n",
}


@pytest.mark.parametrize("sent", ODD_LINES.values(), ids=ODD_LINES)
async def test_lines_that_others_end_elsewhere_are_refused(sent):
    async with served(app()) as port:
        said = await raw(port, sent)
    assert (status(said), kind(said)) == (400, "not_http")


async def test_chunks_of_hardly_a_byte_are_refused_and_good_ones_taken():
    lines = ("Transfer-Encoding: chunked", "Connection: close")
    async with served(app()) as port:
        small = await raw(
            port, head("POST", "/v1/big", *lines) + b"1\r\nx\r\n" * 1_000 + b"0\r\n\r\n"
        )
        good = b"40\r\n" + b"x" * 64 + b"\r\n"
        taken = await raw(port, head("POST", "/v1/big", *lines) + good * 1_000 + b"0\r\n\r\n")
    assert (status(small), kind(small)) == (400, "not_http")
    assert (status(taken), taken.rpartition(b"\r\n")[2]) == (200, b"64000")


async def test_a_second_head_on_a_kept_connection_is_timed_too():
    async with (
        served(app(), ConnectionLimits(head_s=0.4)) as port,
        connected(port) as (reader, writer),
    ):
        writer.write(head("GET", "/v1/things"))
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET /v1/th")
        async with asyncio.timeout(90):
            assert status(await reader.read()) == 408


async def test_a_body_that_pauses_is_408_and_the_end_of_the_connection():
    async with served(app()) as port:
        begun = head("POST", "/v1/things", "Content-Type: application/json", "Content-Length: 90")
        said = await raw(port, begun + b'{"a": 1')
    assert status(said) == 408
    assert b"connection: close" in said.lower()
    assert kind(said) == "request_timeout"


async def test_a_body_that_trickles_ends_when_it_has_waited_long_enough():
    async with served(app(pause_s=0.3, spare_s=0.6)) as port, connected(port) as (reader, writer):
        writer.write(head("POST", "/v1/big", "Content-Length: 60000"))
        began = time.monotonic()
        dripping = asyncio.create_task(drip(writer, forever(b"x")))
        async with asyncio.timeout(90):
            said = await all_of(reader)
        await dripping
    assert not said or status(said) == 408
    assert time.monotonic() - began > 0.5


async def test_a_slow_body_that_keeps_its_pace_is_taken(monkeypatch):
    monkeypatch.setattr(limits, "SLOWEST_BYTES_PER_S", 1_000)
    async with served(app(spare_s=0.3)) as port, connected(port) as (reader, writer):
        writer.write(head("POST", "/v1/big", "Content-Length: 2000", "Connection: close"))
        await drip(writer, [b"x" * 200] * 10, every_s=0.1)
        said = await reader.read()
    assert (status(said), said.rpartition(b"\r\n")[2]) == (200, b"2000")


async def test_a_body_nobody_wants_is_not_listened_to_for_long():
    """Refused before it was read: the rest is thrown away for a moment, then the connection ends."""
    async with (
        served(app(), ConnectionLimits(linger_s=0.4)) as port,
        connected(port) as (reader, writer),
    ):
        writer.write(b"POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
        flood = asyncio.create_task(drip(writer, forever(b"x" * 65_536), every_s=0.005))
        async with asyncio.timeout(90):
            said = await all_of(reader)
        await flood
    assert status(said) == 401


async def test_a_body_that_ends_after_its_refusal_leaves_the_connection_good_and_timed():
    async with served(app()) as port, connected(port) as (reader, writer):
        writer.write(b"POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n12")
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 401 ")
        writer.write(b"34")
        await asyncio.sleep(0.05)  # the two bytes alone, not with the next request
        writer.write(head("GET", "/v1/things"))
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 ")
        async with asyncio.timeout(90):  # keep-alive is 5 s
            assert await reader.read() == b""


async def test_who_does_not_read_the_answer_is_cut():
    before = cut("does_not_read")
    async with served(app(), ConnectionLimits(drain_s=0.5)) as port, connected(port) as (_, writer):
        writer.write(head("GET", "/v1/big"))
        await until(lambda: cut("does_not_read") > before)


async def test_who_reads_slowly_gets_all():
    async with (
        served(app(), ConnectionLimits(drain_s=0.5)) as port,
        connected(port) as (reader, writer),
    ):
        writer.write(head("GET", "/v1/big", "Connection: close"))
        said = bytearray()
        while piece := await reader.read(400_000):
            said += piece
            await asyncio.sleep(0.06)
    assert said.endswith(BIG)


async def test_one_address_holds_so_many_connections_and_gets_them_back():
    before, limits = cut("too_many_connections"), ConnectionLimits(of_one=3)
    async with served(app(), limits) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        refused = await raw(port, b"")
        assert (status(refused), kind(refused)) == (503, "too_many_connections")
        assert re.search(rb"retry-after: \d", refused.lower())
        for _, writer in held:
            writer.close()
        await until(lambda: not limits.held)
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"http://127.0.0.1:{port}/livez")
        assert answer.status_code == 200
    assert cut("too_many_connections") >= before + 1


async def test_all_addresses_together_hold_so_many():
    async with served(app(), ConnectionLimits(connections=2)) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        assert status(await raw(port, b"")) == 503
        for _, writer in held:
            writer.close()


async def test_a_trusted_proxy_may_hold_more_and_says_who_asks():
    sent = {
        "Authorization": token(),
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
    }
    more = {"HTTP_CONNECTIONS_PER_ADDRESS": "1"}
    for proxies, address, scheme in (
        ("", "127.0.0.1", "http"),
        ("127.0.0.0/8", "203.0.113.9", "https"),
    ):
        environ = {**more, "HTTP_TRUSTED_PROXIES": proxies}
        async with served(app(), **environ) as port, httpx.AsyncClient() as http:
            url = f"http://127.0.0.1:{port}/v1/things"
            said = (await http.get(url, headers=sent)).json()
            assert said == {"address": address, "scheme": scheme}
            async with httpx.AsyncClient() as second:
                assert (await second.get(url, headers=sent)).status_code == (
                    200 if proxies else 503
                )


HUGE = b"GET /v1/things HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 65_536 + b"\r\n\r\n"
MANY = b"GET /v1/things HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 1_000 + b"\r\n"


def late(*lines: str) -> bytes:
    """A POST whose token is put in when it is sent."""
    return head("POST", "/v1/things", *lines, by="(token)")


CHUNKED = ("Transfer-Encoding: chunked", "Content-Type: application/json")


@pytest.mark.parametrize(
    ("sent", "expected", "why"),
    [
        pytest.param(HUGE, 431, "head_too_large", id="a header of 64 KiB"),
        pytest.param(MANY, 431, "head_too_large", id="1,000 headers"),
        pytest.param(late("Content-Length: 3", *CHUNKED) + b"0\r\n\r\n", 400, "ambiguous_length", id="length and chunks"),
        pytest.param(late("Content-Length: 3", "Content-Length: 4"), 400, "not_http", id="two lengths"),
        pytest.param(late("Content-Length: -1"), 400, "not_http", id="a negative length"),
        pytest.param(late(*CHUNKED) + b"zz\r\n{}\r\n0\r\n\r\n", 400, "not_http", id="a chunk without a size"),
        pytest.param(late(*CHUNKED) + b"2\r\n{}xx0\r\n\r\n", 400, "not_http", id="a chunk longer than its size"),
        pytest.param(late("Transfer-Encoding: gzip, chunked"), 400, "not_http", id="another encoding"),
        pytest.param(b"GET /v1/things HTTP/1.1\r\n\r\n", 400, "not_http", id="no Host"),
        pytest.param(b"GET /v1/things HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", 400, "not_http", id="NUL in a header"),
        pytest.param(b"GET /v1/things HTTP/1.1\r\nHost : x\r\n\r\n", 400, "not_http", id="a space before the colon"),
        pytest.param(b"GET /v1/th ings HTTP/1.1\r\nHost: x\r\n\r\n", 400, "not_http", id="a space in the path"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "not_http", id="TLS to a plain port"),
    ],
)  # fmt: skip
async def test_what_is_no_request_gets_one_problem_and_the_end(sent, expected, why, caplog):
    async with served(app()) as port:
        # a request smuggled behind must not be answered
        first = sent.replace(b"(token)", token().encode())
        said = await raw(port, first + head("GET", "/v1/things"))
    assert (status(said), kind(said)) == (expected, why)
    assert said.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in said.lower()
    assert not [each for each in caplog.records if each.levelname in {"ERROR", "CRITICAL"}]


async def test_a_head_that_never_ends_is_not_kept():
    async with served(app()) as port:
        said = await raw(port, HUGE[:-4])
    assert (status(said), kind(said)) == (431, "head_too_large")


async def test_a_body_larger_than_it_may_be_is_413_announced_or_not():
    async with served(app(), ConnectionLimits(linger_s=0.3)) as port:
        announced = await raw(port, head("POST", "/v1/big", "Content-Length: 10485760"))
        chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        sent = head("POST", "/v1/big", "Transfer-Encoding: chunked") + chunk * 17
        chunked = await raw(port, sent)
    assert (status(announced), status(chunked)) == (413, 413)
