"""One connection to the MQTT broker: bytes to messages, settled messages to PUBACKs."""

import asyncio
import sys
from array import array
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import mqtt5
from typing_extensions import override

from services.ingest.domain.messages.message import Message
from shared import log, metrics

Deliver = Callable[[list[Message]], None]
Now = Callable[[], datetime | None]
Since = Callable[[datetime], datetime | None]

_log = log.get("ingest.mqtt")
_PUBACK = 0x40020000  # packet type and remaining length; the packet id follows
LAST_ID = 65_535  # packet ids of publishes of ours
HIGH_WATER = 20_000  # messages in hand (QoS 0 knows no Receive Maximum) at which reading pauses


class Connection(asyncio.Protocol):
    """A generation: packet ids mean something on the connection they came on, and nowhere else.

    Attributes:
        connack, suback: set when the broker answers.
        closed: done when the connection has ended.
        taken_over: another client has our client id now.
        read: messages, since the connection began.
    """

    def __init__(self, deliver: Deliver, now: Now, since: Since | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.connack: asyncio.Future[mqtt5.ConnAckPacket] = loop.create_future()
        self.suback: asyncio.Future[mqtt5.SubAckPacket] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self._pubacks: dict[int, asyncio.Future[mqtt5.PubAckReasonCode]] = {}
        self._next_id = 1
        self.taken_over = False
        self.heard = loop.time()
        self._loop = loop
        self._deliver = deliver
        self._now = now
        self._since = since
        self.read = 0
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._unsettled: deque[Message] = deque()
        self._paused = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """End the generation: nothing that came on it can be acknowledged any more."""
        self._transport = None
        metrics.IN_FLIGHT.dec(len(self._unsettled))
        self._unsettled.clear()
        error = ConnectionError("the broker closed the connection")
        asked: list[asyncio.Future[Any]] = [self.connack, self.suback, *self._pubacks.values()]
        for waiting in asked:
            if not waiting.done():
                waiting.set_exception(error)
                waiting.exception()  # retrieved: nobody may be waiting for it
        if not self.closed.done():
            self.closed.set_result(None)

    @override
    def data_received(self, data: bytes) -> None:
        """Read all whole packets; hand the messages over at once, in order."""
        self.heard = self._loop.time()
        buffer = self._buffer + data if self._buffer else data
        view, offset, end = memoryview(buffer), 0, len(buffer)
        messages: list[Message] = []
        now = self._now()
        since = None if now is None or self._since is None else self._since(now)
        while offset < end:
            try:
                packet, size = mqtt5.read(view[offset:])
            except IndexError:
                break
            except ValueError as error:
                _log.error("the broker sent what is no MQTT packet", extra={"error": str(error)})
                self.abort()
                break
            offset += size
            if type(packet) is mqtt5.PublishPacket:
                message = Message(
                    packet.topic, packet.payload, now, self, packet.packet_id, None, since
                )
                messages.append(message)
            else:
                self._control(packet)
        self._buffer = bytes(view[offset:])
        if messages:
            self.read += len(messages)
            self._unsettled.extend(messages)
            metrics.IN_FLIGHT.inc(len(messages))
            if len(self._unsettled) > HIGH_WATER:
                self._pause()
            self._deliver(messages)

    def _control(self, packet: Any) -> None:
        if isinstance(packet, mqtt5.ConnAckPacket) and not self.connack.done():
            self.connack.set_result(packet)
        elif isinstance(packet, mqtt5.SubAckPacket) and not self.suback.done():
            self.suback.set_result(packet)
        elif isinstance(packet, mqtt5.PubAckPacket):
            if (puback := self._pubacks.get(packet.packet_id)) is not None and not puback.done():
                puback.set_result(packet.reason_code)
        elif isinstance(packet, mqtt5.DisconnectPacket):
            self.taken_over = packet.reason_code == mqtt5.DisconnectReasonCode.SESSION_TAKEN_OVER
            _log.warning("the broker disconnected us", extra={"reason": packet.reason_code.name})
            self.abort()

    @property
    def in_flight(self) -> int:
        """Messages that are not acknowledged yet."""
        return len(self._unsettled)

    def acknowledge(self) -> int:
        """Acknowledge, in receive order, all settled messages before the first that is not.

        Returns: how many were acknowledged. A message of an ended connection never is: its packet
        id may name another message by now (reliability.md M8).
        """
        packets, count = array("I"), 0
        unsettled = self._unsettled
        while unsettled and unsettled[0].settled:
            packet_id = unsettled.popleft().packet_id
            count += 1
            if packet_id is not None:
                packets.append(_PUBACK | packet_id)
        if count:
            metrics.IN_FLIGHT.dec(count)
            self.write(big_endian(packets))
            if self._paused and len(unsettled) < HIGH_WATER // 2:
                self._resume()
        return count

    async def publish(self, topic: str, payload: bytes, expiry_s: int) -> mqtt5.PubAckReasonCode:
        """Publish with QoS 1; what the broker says of it. Raises ConnectionError: it has ended."""
        if self._transport is None:
            raise ConnectionError("the connection has ended")
        packet_id, self._next_id = self._next_id, self._next_id % LAST_ID + 1
        puback: asyncio.Future[mqtt5.PubAckReasonCode] = self._loop.create_future()
        self._pubacks[packet_id] = puback
        packet = mqtt5.PublishPacket(
            topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id,
            message_expiry_interval=expiry_s,
        )  # fmt: skip
        try:
            self.write(packet.write())
            return await puback
        finally:
            del self._pubacks[packet_id]

    def write(self, data: bytes) -> None:
        """Send bytes; nothing happens on an ended connection."""
        if self._transport is not None and data:
            self._transport.write(data)

    def abort(self) -> None:
        """End at once."""
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Send what is buffered, then end."""
        if self._transport is not None:
            self._transport.close()

    def _pause(self) -> None:
        if self._transport is not None and not self._paused:
            self._transport.pause_reading()
            self._paused = True

    def _resume(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()
            self._paused = False


def big_endian(packets: "array[int]") -> bytes:
    """Numbers of four bytes, as they travel."""
    if sys.byteorder == "little":
        packets.byteswap()
    return packets.tobytes()
