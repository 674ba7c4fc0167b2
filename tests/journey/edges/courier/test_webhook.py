"""Webhooks of plays: signed, to a listener of TLS; tried while it is down; never where a redirect leads."""

import asyncio
import base64
import hmac
import json
import ssl
from ipaddress import ip_address

import pytest

from services.journey.domain.messages.signature import key_of, signed
from services.journey.edges.courier import kinds
from services.journey.edges.courier.post import Post
from services.journey.edges.courier.webhook import judged
from shared.clock import wall_now
from shared.effects.effect import Accepted, NotNow, Refused
from shared.effects.runner import Runner
from shared.effects.smtp import Courier
from shared.pki_files import PkiFiles
from shared.web.client import outgoing
from shared.web.client.outgoing import Outgoing
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the specification, as the signature below
HANGS = 0  # instead of a status
PLAY = text("  - {step: tell, webhook: shop}\n  - {step: rest, wait: 1d}")


def test_it_is_signed_as_the_specification_has_it():
    made = signed(
        key_of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_abc", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?"]
)
def test_a_secret_that_is_none_is_refused_without_being_named(secret):
    with pytest.raises(ValueError, match="expected whsec_ and 24 to 64 bytes in base64"):
        key_of(secret)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(200, Accepted()), (299, Accepted()), (302, Refused("http_302")), (404, Refused("http_404")),
     (410, Refused("http_410")), (429, NotNow("http_429")), (500, NotNow("http_500"))],
)  # fmt: skip
def test_what_is_worth_another_try_is_tried_again(status, expected):
    assert judged(status) == expected


class Listener:
    """Answers in turn; keeps what it was told."""

    def __init__(self, files):
        self.answers, self.told = [], []
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(files.server, files.server_key)
        self.trust = ssl.create_default_context(cafile=files.ca)

    async def serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        named = dict(line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        self.told.append((named, await reader.readexactly(int(named["content-length"]))))
        status = self.answers.pop(0)
        if status == HANGS:
            await reader.read()  # until whoever asks has gone
        else:
            writer.write(
                f"HTTP/1.1 {status} x\r\nLocation: https://10.0.0.1/\r\nContent-Length: 0\r\n\r\n".encode()
            )
        writer.close()


@pytest.fixture
async def listener(tmp_path):
    made = Listener(PkiFiles(tmp_path).ensure(wall_now()))
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=made.context)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


def begun(engine, listener, *, permits):
    """Journey with a playbook that tells the listener."""

    async def local(host, port):
        return ["127.0.0.1"]

    hooks = "- {webhook: shop, says: x, url: 'https://localhost:8443/', facts: [setup_started]}"
    journey = Engine(engine, PLAY, webhooks=hooks)
    hook = journey.rules.playbook.webhooks["shop"]
    object.__setattr__(hook, "url", f"https://localhost:{listener.port}/told")
    out = Outgoing(local, permits, listener.trust, frozenset({listener.port}))
    post = Post(
        Courier("smtp://127.0.0.1:1", "us@example.org"), journey.units, "", key_of(SECRET), out
    )
    journey.runner = Runner(engine, kinds(post), journey.clock)
    return journey


@pytest.mark.servers
async def test_it_is_told_once_signed_though_the_listener_was_down(engine, rows, listener):
    journey = begun(engine, listener, permits=lambda one: one == ip_address("127.0.0.1"))
    listener.answers = [500, 204]
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["rest"]
    await journey.send(NOON)
    (effect,) = await rows("SELECT id, state, why FROM effect")
    assert (effect["state"], effect["why"]) == ("planned", "http_500")
    await journey.send(NOON + HOUR)
    assert [row["state"] for row in await rows("SELECT state FROM effect")] == ["accepted"]
    first, second = listener.told
    assert first[1] == second[1]
    head, body = second
    said = json.loads(body)
    assert said["data"]["customer"] == "c-1"
    assert said["data"]["facts"] == {"setup_started": True}
    assert "example.org" not in body.decode()
    assert head["webhook-id"] == first[0]["webhook-id"] == effect["id"]
    at = int((NOON + HOUR).timestamp())
    due = hmac.digest(key_of(SECRET), f"{effect['id']}.{at}.".encode() + body, "sha256")
    assert head["webhook-signature"] == f"v1,{base64.b64encode(due).decode()}".lower()


@pytest.mark.servers
async def test_one_that_answers_500_for_a_day_is_asked_hourly_and_told_in_the_end(
    engine, rows, listener
):
    journey = begun(engine, listener, permits=lambda one: one == ip_address("127.0.0.1"))
    listener.answers = [500] * 25 + [204]
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    for hours in range(40):
        await journey.send(NOON + hours * HOUR)
    assert [row["state"] for row in await rows("SELECT state FROM effect")] == ["accepted"]
    assert len({head["webhook-id"] for head, _ in listener.told}) == 1
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["rest"]  # it goes on


@pytest.mark.servers
async def test_one_that_hangs_is_left_and_asked_again(engine, rows, listener, monkeypatch):
    monkeypatch.setattr(outgoing, "WITHIN_S", 0.5)
    journey = begun(engine, listener, permits=lambda one: one == ip_address("127.0.0.1"))
    listener.answers = [HANGS, 204]
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    (effect,) = await rows("SELECT state, why FROM effect")
    assert (effect["state"], effect["why"]) == ("planned", "no_answer")
    await journey.send(NOON + HOUR)
    assert [row["state"] for row in await rows("SELECT state FROM effect")] == ["accepted"]
    assert len({head["webhook-id"] for head, _ in listener.told}) == 1
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["rest"]  # it goes on


@pytest.mark.servers
@pytest.mark.parametrize(
    ("permitted", "why", "asked"), [(True, "http_302", 1), (False, "address_refused", 0)], ids=["redirect", "private"]
)  # fmt: skip
async def test_a_private_address_is_never_reached(engine, rows, listener, permitted, why, asked):
    journey = begun(engine, listener, permits=lambda one: permitted)
    listener.answers = [302]
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    (effect,) = await rows("SELECT state, why FROM effect")
    assert (effect["state"], effect["why"], len(listener.told)) == ("failed", why, asked)
