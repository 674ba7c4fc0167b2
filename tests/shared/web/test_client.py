"""One service asks another: real HTTP, what comes back, what is sent again, and when it is not asked."""

import asyncio
import json
from contextlib import asynccontextmanager

import msgspec
import pytest

from shared import metrics
from shared.errors import TryLater
from shared.web.client import client as asking
from shared.web.client.answered import Away, Refused
from shared.web.client.circuit import OPENS_AFTER, Circuit
from shared.web.client.client import ServiceClient
from shared.web.client.own_token import ByClientKey
from tests.served import until

PERSON = "token-of-ann"


class Other:
    """Another service: answers with what stands in `plan`, then with 200; notes what it was asked."""

    def __init__(self) -> None:
        self.plan = []
        self.asked = []

    async def __call__(self, reader, writer) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(head.decode(), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, head, reader, writer) -> None:
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append((first.removesuffix(" HTTP/1.1"), headers, body))
        status, content = self.plan.pop(0) if self.plan else (200, {"n": len(self.asked)})
        if status == "cut":
            writer.transport.abort()
        elif status == "silent":
            await asyncio.sleep(30)
        else:
            text = json.dumps(content).encode()
            writer.write(
                f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\nETag: \"7\"\r\n"
                f"Retry-After: 3\r\n\r\n".encode() + text
            )  # fmt: skip


@asynccontextmanager
async def running(other: Other):
    server = await asyncio.start_server(other, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        server.close()


@pytest.fixture
async def other():
    return Other()


@pytest.fixture
async def peer(other, monkeypatch):
    monkeypatch.setattr(asking, "PAUSES_S", (0.0, 0.0))
    client = ServiceClient()
    async with running(other) as url:
        yield client.peer("support", url)
        await client.close()


async def test_what_is_asked_and_answered(peer, other):
    class Count(msgspec.Struct, frozen=True):
        n: int

    answer = await peer.get("/v1/tickets", bearer=PERSON, params={"limit": 5, "after": None})
    assert (answer.read(Count), answer.json(), answer.etag) == (Count(1), {"n": 1}, '"7"')
    await peer.post(
        "/v1/tickets/{}/assign",
        "a/../b c",
        body={"to": "x"},
        bearer=PERSON,
        key="k",
        if_match='"7"',
    )
    (first, headers, _), (second, changing, body) = other.asked
    assert first == "GET /v1/tickets?limit=5"
    assert headers["authorization"] == f"Bearer {PERSON}"
    assert second == "POST /v1/tickets/a%2F..%2Fb%20c/assign"
    assert (changing["idempotency-key"], changing["if-match"], json.loads(body)) == (
        "k", '"7"', {"to": "x"},
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", ".", ".."])
async def test_a_name_never_becomes_another_route(peer, other, name):
    with pytest.raises(Refused) as refused:
        await peer.get("/v1/tickets/{}", name, bearer=PERSON)
    assert (refused.value.status, refused.value.kind, other.asked) == (404, "not_found", [])


async def test_a_problem_is_passed_on_as_it_is(peer, other):
    other.plan = [
        (412, {"type": "urn:playcaller:problem:ticket_changed_since", "title": "Changed",
               "status": 412, "detail": "Read it again", "version": 8}),
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        await peer.post("/v1/tickets/{}/assign", "t1", bearer=PERSON)
    problem = refused.value
    assert (problem.status, problem.kind, problem.title, problem.detail, problem.facts) == (
        412, "ticket_changed_since", "Changed", "Read it again", {"version": 8},
    )  # fmt: skip


CUT, BUSY, BROKEN = ("cut", None), (503, {}), (500, {})


@pytest.mark.parametrize(
    ("method", "key", "plan", "tries", "error"),
    [
        pytest.param("GET", None, [CUT, CUT], 3, None, id="reading, the third time answered"),
        pytest.param("GET", None, [BUSY, BUSY, BUSY], 3, Away, id="reading, three times busy"),
        pytest.param("GET", None, [BROKEN], 1, Away, id="a fault of theirs is not asked for again"),
        pytest.param("POST", "k", [CUT, BUSY], 3, None, id="a change with a key"),
        pytest.param("POST", None, [CUT], 1, Away, id="a change without: nobody knows"),
        pytest.param("POST", None, [BUSY], 1, Away, id="a change without, not made"),
        pytest.param("DELETE", None, [CUT], 1, Away, id="another change"),
    ],
)
async def test_what_is_sent_again(peer, other, method, key, plan, tries, error):
    other.plan = list(plan)
    call = peer.send(method, "/v1/x", bearer=PERSON, key=key)
    if error is None:
        assert (await call).json() == {"n": tries}
    else:
        with pytest.raises(error) as caught:
            await call
        unknown = "Nobody knows" in caught.value.detail
        assert unknown == (plan == [CUT])
    assert len(other.asked) == tries


async def test_a_change_that_never_left_is_sent_again(monkeypatch):
    monkeypatch.setattr(asking, "PAUSES_S", (0.0, 0.0))
    client = ServiceClient()
    with pytest.raises(Away) as away:
        await client.peer("support", "http://127.0.0.1:1").post("/v1/x", bearer=PERSON)
    assert "Nothing was changed" in away.value.detail
    await client.close()


async def test_a_deadline_ends_all_of_it(peer, other):
    other.plan = [("silent", None)]
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TryLater, match="support: no answer"):
        await peer.get("/v1/x", bearer=PERSON, deadline_s=0.2)
    assert 0.1 < loop.time() - began < 2.0
    assert len(other.asked) == 1


async def test_a_silent_service_is_not_asked_until_it_answers_again(peer, other, monkeypatch):
    other.plan = [CUT] * OPENS_AFTER
    at = asking.monotonic()
    monkeypatch.setattr(asking, "monotonic", lambda: at)  # the second it is open for may pass
    for _ in range(OPENS_AFTER):
        with pytest.raises(Away):
            await peer.post("/v1/x", bearer=PERSON)
    with pytest.raises(Away, match="not asked now") as away:
        await peer.get("/v1/x", bearer=PERSON)
    assert (away.value.title, away.value.retry_s) == ("support does not answer now", 1)
    assert len(other.asked) == OPENS_AFTER
    is_open = metrics.SERVICE_CIRCUIT_OPEN.labels("support")._value.get
    held = metrics.SERVICE_CALLS.labels("support", "held")._value.get
    assert (is_open(), held()) == (1, 1)
    monkeypatch.setattr(asking, "monotonic", lambda: at + 1.5)
    trying, kept = await asyncio.gather(
        *(peer.get("/v1/x", bearer=PERSON) for _ in range(2)), return_exceptions=True
    )
    assert (trying.status, type(kept), is_open()) == (200, Away, 0)
    assert (await peer.get("/v1/x", bearer=PERSON)).status == 200


async def test_whoever_goes_away_is_no_failure_of_the_service(peer, other):
    other.plan = [("silent", None)] * (OPENS_AFTER + 1)
    for n in range(OPENS_AFTER + 1):
        call = asyncio.create_task(peer.get("/v1/x", bearer=PERSON))
        await until(lambda n=n: len(other.asked) > n)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    assert (await peer.get("/v1/x", bearer=PERSON)).status == 200


async def test_whoever_goes_away_takes_no_connection_along(other, monkeypatch):
    monkeypatch.setattr(asking, "CONNECTIONS", 4)
    client = ServiceClient()
    async with running(other) as url:
        peer = client.peer("support", url)
        for turns in range(40):  # of the loop, before they go: at every point of a request
            calls = [asyncio.create_task(peer.get("/v1/x", bearer=PERSON)) for _ in range(8)]
            for _ in range(turns % 20):
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        assert (await peer.get("/v1/x", bearer=PERSON, deadline_s=60)).status == 200
        await client.close()


async def test_as_ourselves_with_a_token_that_is_renewed_when_refused(other, tmp_path):
    console, key = Other(), tmp_path / "key"
    key.write_text("pk_1\n")
    async with running(console) as console_url, running(other) as url:
        console.plan = [(200, {"access_token": "first"}), (200, {"access_token": "second"})]
        client = ServiceClient(own=ByClientKey(console_url, key))
        peer = client.peer("journey", url)
        await asyncio.gather(*(peer.get("/v1/x") for _ in range(8)))
        other.plan = [(401, {})]
        with pytest.raises(Away, match="it answered 401"):
            await peer.get("/v1/x")
        await peer.get("/v1/x")
        assert [headers["authorization"] for _, headers, _ in console.asked] == ["Bearer pk_1"] * 2
        said = [headers["authorization"] for _, headers, _ in other.asked]
        assert said == ["Bearer first"] * 9 + ["Bearer second"]
        key.unlink()
        other.plan = [(401, {})]
        with pytest.raises(Away, match="it answered"):
            await peer.get("/v1/x")
        with pytest.raises(Away, match="console: no token of our own"):
            await peer.get("/v1/x")
        await client.close()


async def test_parallel_calls_share_connections(peer, other):
    seen = set()
    answer = other._answer

    async def noting(head, reader, writer):
        seen.add(writer.get_extra_info("peername"))
        await answer(head, reader, writer)

    other._answer = noting
    for _ in range(5):
        await asyncio.gather(*(peer.get("/v1/x", bearer=PERSON) for _ in range(8)))
    assert len(other.asked) == 40
    assert len(seen) <= 8


@pytest.mark.parametrize(
    ("trials", "pause_s"), [(1, 1.0), (2, 2.0), (5, 16.0), (6, 30.0), (9, 30.0)]
)
def test_the_pause_doubles_up_to_half_a_minute(trials, pause_s):
    circuit = Circuit(failures=OPENS_AFTER - 1)
    for _ in range(trials):
        tried = circuit.is_open
        circuit = circuit.asked().failed(1000.0, tried=tried)
    assert circuit.wait_s(1000.0) == pause_s
    assert circuit.wait_s(1000.0 + pause_s) == 0.0
