"""What a signed-in device may send on the wire besides the protocol: reliability.md section 4, 22-34.

Whatever it is, it reaches no other source, ingest keeps nothing under another's name, and the broker
and the other devices go on.
"""

import asyncio
import contextlib
import json
import ssl
from urllib.parse import urlsplit

import pytest

from services.ingest.domain.messages import addresses
from tests.ingest.device import of_source, until, usage
from tests.ingest.edges.test_strangers import SignedBroker

pytestmark = pytest.mark.servers
PATIENCE_S = 60.0
CONNECTS = 1_000
HALF_OPEN = 300


@pytest.fixture
def door(ingest):
    made = SignedBroker(ingest)
    yield made
    made.close()


def text(value: bytes) -> bytes:
    return len(value).to_bytes(2) + value


def packet(kind: int, body: bytes) -> bytes:
    """A fixed header with the length in groups of seven bits. Source: MQTT 5.0 section 2.1."""
    made, length = bytearray((kind,)), len(body)
    while True:
        made.append(length & 127 | (128 if length > 127 else 0))
        length >>= 7
        if not length:
            return bytes(made) + body


def connect(user: str, password: str, *, level=5, will: bytes = b"", properties=b"\0") -> bytes:
    flags = 0xC2 | (0x0C if will else 0)
    head = text(b"MQTT") + bytes((level, flags, 0, 30)) + (properties if level == 5 else b"")
    last_will = (b"\0" if level == 5 else b"") + text(will) + text(b"{}") if will else b""
    return packet(
        0x10, head + text(b"") + last_will + text(user.encode()) + text(password.encode())
    )


def publish(topic: bytes, payload=b"{}", *, flags=0x32, properties=b"\0") -> bytes:
    packet_id = b"" if flags & 6 == 0 else b"\0\7"
    return packet(flags, text(topic) + packet_id + properties + payload)


class Wire:
    """A connection of bytes over TLS."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, door, *packets: bytes):
        where = urlsplit(door.broker.url)
        trusted = ssl.create_default_context(cafile=door.broker.ca)
        made = cls(*await asyncio.open_connection(where.hostname, where.port, ssl=trusted))
        made.writer.write(b"".join(packets))
        return made

    async def answer(self) -> bytes:
        """All that comes within a second, or until the broker closes."""
        got = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(1.0):
                while more := await self.reader.read(4096):
                    got += more
        return got

    async def close(self):
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


STRANGE = {
    "22 a wildcard in the topic of a publish": lambda mine, other: publish(mine.replace(b"usage", b"+")),
    "22 everything as the topic of a publish": lambda mine, other: publish(b"#"),
    "23 a topic of 65,535 bytes": lambda mine, other: publish(b"a" * 65_535),
    "23 two hundred levels": lambda mine, other: publish(b"/".join([b"a"] * 201)),
    "24 a NUL in the topic": lambda mine, other: publish(mine + b"\0"),
    "24 bytes that are no UTF-8 in the topic": lambda mine, other: publish(mine + b"\xff\xfe"),
    "24 an empty topic": lambda mine, other: publish(b""),
    "25 a shared subscription of what ingest reads": lambda mine, other: packet(
        0x82, b"\0\1\0" + text(b"$share/ingest/pc/v1/+/devices/+/up/+") + b"\1"
    ),
    "26 a retained message": lambda mine, other: publish(mine, flags=0x33),
    "34 60 KB of user properties for another": lambda mine, other: publish(
        other, properties=_long(b"".join(b"\x26" + text(b"k") + text(b"v" * 1_000) for _ in range(59)))
    ),
    "34 a topic alias that stands for nothing": lambda mine, other: publish(
        b"", properties=_long(b"\x23\xff\xff")
    ),
    "34 an alias of another's topic": lambda mine, other: publish(
        other, properties=_long(b"\x23\0\1")
    ),
    "34 a second CONNECT": lambda mine, other: connect("somebody", "else"),
    "34 a packet that says it is longer than the limit": lambda mine, other: b"\x32\xff\xff\xff\x7f",
    "34 a reserved packet type": lambda mine, other: b"\x02\0",
}  # fmt: skip


def _long(properties: bytes) -> bytes:
    return packet(0, properties)[1:]


@pytest.mark.parametrize("what", STRANGE)
async def test_what_is_strange_goes_nowhere_and_hurts_nobody(door, what):
    mine = await door.ingest.registered("strange", customer="ann")
    other = await door.ingest.registered("bystander", customer="bea")
    (beside, _), (probe, password) = await asyncio.gather(
        door.signed_in(other), door.signed_in(mine)
    )
    probe.close()
    topics = [addresses.up("device", id_, "usage").encode() for id_ in (mine, other)]
    wire = await Wire.open(door, connect(mine, password), STRANGE[what](*topics))
    told = await wire.answer()
    await wire.close()
    assert told[:1] == b"\x20", "it was let in, and then said its strange thing"
    own = addresses.up("device", other, "usage")
    assert beside.publish(own, json.dumps(usage(0)).encode()) == 0, "the broker goes on"

    async def arrived():
        return await of_source(door.ingest.kafka, "device.usage", other)

    assert len(await until(arrived)) == 1, "only what it said itself"
    refused = (await door.ingest.get("/v1/rejects", source=other))["items"]
    assert refused == [], "nothing stands under another's name"
    assert await of_source(door.ingest.kafka, "device.usage", mine) == []


async def test_33_a_last_will_for_another_is_never_said(door):
    mine = await door.ingest.registered("dying")
    other = await door.ingest.registered("heir", customer="bea")
    heir, _ = await door.signed_in(other)
    probe, password = await door.signed_in(mine)
    probe.close()
    will = addresses.up("device", other, "usage").encode()
    wire = await Wire.open(door, connect(mine, password, will=will))
    await wire.answer()
    wire.writer.transport.abort()  # it dies without a word
    again, _ = await door.signed_in(mine)  # by then the broker knows that it died
    assert again.is_in
    assert heir.publish(will.decode(), json.dumps(usage(0)).encode()) == 0

    async def arrived():
        return await of_source(door.ingest.kafka, "device.usage", other)

    assert len(await until(arrived)) == 1
    assert (await door.ingest.get("/v1/rejects", source=other))["items"] == []


async def test_32_an_old_client_gets_in_with_its_password_only(door):
    """mosquitto 2.0 cannot refuse MQTT 3.1.1 (docs/security.md); its rights are the same."""
    mine = await door.ingest.registered("old", customer="ann")
    probe, password = await door.signed_in(mine)
    probe.close()
    for words, code in ((password, 0), ("guess", 5)):
        wire = await Wire.open(door, connect(mine, words, level=4))
        told = await wire.answer()
        await wire.close()
        assert told[:1] == b"\x20"
        assert told[3] == code


async def test_27_messages_without_an_ack_are_taken_as_best_effort(door):
    mine = await door.ingest.registered("careless", customer="ann")
    client, _ = await door.signed_in(mine)
    topic = addresses.up("device", mine, "usage")
    client.client.publish(topic, json.dumps(usage(0)).encode(), qos=0)
    client.client.publish(topic, json.dumps(usage(1)).encode(), qos=2)

    async def both():
        return len(await of_source(door.ingest.kafka, "device.usage", mine)) == 2

    await until(both)


async def test_31_a_flood_of_connections_leaves_the_broker_alive(door):
    mine = await door.ingest.registered("calm", customer="ann")
    calm, _ = await door.signed_in(mine)
    where = urlsplit(door.broker.url)
    silent = [await asyncio.open_connection(where.hostname, where.port) for _ in range(HALF_OPEN)]
    room = asyncio.Semaphore(50)

    async def knock(n: int) -> bool:
        async with room:
            wire = await Wire.open(door, connect(f"nobody-{n}", "x"))
            head = await asyncio.wait_for(wire.reader.read(4), PATIENCE_S)
            await wire.close()
            return head[:1] == b"\x20" and head[3] == 0

    assert not any(await asyncio.gather(*(knock(n) for n in range(CONNECTS))))
    assert calm.publish(addresses.up("device", mine, "usage"), b'{"ask":1}') == 0
    for _, writer in silent:
        writer.close()
