"""Bytes of the broker to messages, and back to acknowledgements in receive order."""

import asyncio
from datetime import UTC, datetime

import mqtt5
import pytest

from services.ingest.edges.broker.connection import HIGH_WATER, Connection

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False
        self.reading = True

    def write(self, data) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def publish(packet_id: int | None, payload: bytes = b"{}") -> bytes:
    qos = mqtt5.QoS.AT_LEAST_ONCE if packet_id else mqtt5.QoS.AT_MOST_ONCE
    return mqtt5.PublishPacket("a/b", payload, qos=qos, packet_id=packet_id).write()


def puback(*packet_ids: int) -> bytes:
    return b"".join(mqtt5.PubAckPacket(n).write() for n in packet_ids)


@pytest.fixture
async def there():
    """A connection, its transport, and what it has delivered."""
    delivered = []
    connection = Connection(delivered.extend, lambda: NOW)
    transport = Transport()
    connection.connection_made(transport)
    yield connection, transport, delivered
    if not connection.closed.done():
        connection.connection_lost(None)


@pytest.mark.parametrize("size", [1, 2, 7, 1_000])
async def test_packets_in_any_pieces(there, size):
    connection, _, delivered = there
    stream = b"".join(publish(n, b"%d" % n) for n in range(1, 6)) + publish(None, b"0")
    for start in range(0, len(stream), size):
        connection.data_received(stream[start : start + size])
    assert [(m.packet_id, m.payload) for m in delivered] == [
        (1, b"1"), (2, b"2"), (3, b"3"), (4, b"4"), (5, b"5"), (None, b"0"),
    ]  # fmt: skip
    assert {m.received_at for m in delivered} == {NOW}


async def test_acks_are_sent_in_receive_order_with_one_write(there):
    connection, transport, delivered = there
    connection.data_received(b"".join(publish(n) for n in (7, 3, 9, 4)))
    delivered[1].settled = delivered[2].settled = True
    assert connection.acknowledge() == 0
    assert transport.written == b""
    delivered[0].settled = True
    assert connection.acknowledge() == 3
    assert transport.written == puback(7, 3, 9)
    delivered[3].settled = True
    assert connection.acknowledge() == 1
    assert transport.written == puback(7, 3, 9, 4)


async def test_qos_0_needs_no_ack_but_keeps_the_order(there):
    connection, transport, delivered = there
    connection.data_received(publish(None) + publish(1))
    delivered[1].settled = True
    assert connection.acknowledge() == 0
    delivered[0].settled = True
    assert connection.acknowledge() == 2
    assert transport.written == puback(1)


async def test_nothing_is_acknowledged_after_the_end(there):
    connection, transport, delivered = there
    connection.data_received(publish(1))
    connection.connection_lost(None)
    delivered[0].settled = True
    assert connection.acknowledge() == 0
    assert transport.written == b""
    assert connection.closed.done()


async def test_a_takeover_is_noticed(there):
    connection, transport, _ = there
    reason = mqtt5.DisconnectReasonCode.SESSION_TAKEN_OVER
    connection.data_received(mqtt5.DisconnectPacket(reason_code=reason).write())
    assert connection.taken_over
    assert transport.aborted


async def test_what_is_no_packet_ends_the_connection(there):
    connection, transport, _ = there
    connection.data_received(b"\x00\x00")
    assert transport.aborted


async def test_reading_pauses_when_too_much_is_in_hand(there):
    connection, transport, delivered = there
    connection.data_received(publish(None) * (HIGH_WATER + 1))
    assert not transport.reading
    for message in delivered:
        message.settled = True
    connection.acknowledge()
    assert transport.reading
