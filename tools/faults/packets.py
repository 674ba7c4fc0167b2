"""The few MQTT 5 packets a device needs, by hand: nothing between a trial and the wire.

Source: MQTT Version 5.0, OASIS, sections 2.1 and 3.
"""

import asyncio

CONNACK, PUBLISH, PUBACK = 2, 3, 4
PING = b"\xc0\x00"


def number(n: int) -> bytes:
    """A variable byte integer (section 1.5.5).

    >>> number(321).hex()
    'c102'
    """
    out = bytearray()
    while True:
        n, low = divmod(n, 128)
        out.append(low | (0x80 if n else 0))
        if not n:
            return bytes(out)


def text(value: str | bytes) -> bytes:
    """A string with its length in front (section 1.5.4)."""
    raw = value if isinstance(value, bytes) else value.encode()
    return len(raw).to_bytes(2, "big") + raw


def packet(head: int, body: bytes) -> bytes:
    """Fixed header and the rest."""
    return bytes([head]) + number(len(body)) + body


def connect(client_id: str, user: str, password: str, *, keep_alive_s: int) -> bytes:
    """CONNECT with a clean start: the broker remembers nothing of us, our rings do."""
    body = text("MQTT") + bytes([5, 0xC2]) + keep_alive_s.to_bytes(2, "big") + b"\x00"
    return packet(0x10, body + text(client_id) + text(user) + text(password))


def subscribe(pattern: str, packet_id: int = 1) -> bytes:
    """SUBSCRIBE to one filter at QoS 1."""
    return packet(0x82, packet_id.to_bytes(2, "big") + b"\x00" + text(pattern) + b"\x01")


def publish(topic: str, packet_id: int, payload: bytes) -> bytes:
    """PUBLISH at QoS 1."""
    return packet(0x32, text(topic) + packet_id.to_bytes(2, "big") + b"\x00" + payload)


def publish_unpromised(topic: str, payload: bytes) -> bytes:
    """PUBLISH at QoS 0."""
    return packet(0x30, text(topic) + b"\x00" + payload)


def puback(packet_id: bytes) -> bytes:
    """PUBACK: success."""
    return packet(0x40, packet_id)


async def read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next packet: its first byte, and what follows the length."""
    head = (await reader.readexactly(1))[0]
    size = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        size |= (byte & 127) << shift
        if not byte & 128:
            break
        shift += 7
    return head, await reader.readexactly(size) if size else b""


def message(head: int, body: bytes) -> tuple[bytes, bytes | None]:
    """Payload of a PUBLISH, and its packet id where it wants an answer."""
    at = 2 + int.from_bytes(body[:2], "big")
    packet_id = None
    if (head >> 1) & 3:
        packet_id, at = body[at : at + 2], at + 2
    size = shift = 0
    while True:
        byte = body[at]
        at += 1
        size |= (byte & 127) << shift
        if not byte & 128:
            return body[at + size :], packet_id
        shift += 7
