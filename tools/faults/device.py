"""A source of a trial: it keeps until acked, asks, and sends again, as the written protocol says.

Source: docs/reference/mqtt.md, "Acks".
"""

import asyncio
import contextlib
import hashlib
import json
import random
import ssl
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.clock import monotonic, wall_now
from tools.faults import packets
from tools.faults.stream import Stream

ASK_AFTER_S = 4.0  # the rig's ingest acks after 2 s
KEEP_ALIVE_S = 20
AT_ONCE = 50  # events in one message after a reconnect
PATIENCE_S = 10.0
TICK_S = 0.25


def written(at: datetime) -> str:
    """A moment as RFC 3339 in UTC."""
    return at.isoformat().replace("+00:00", "Z")


def topic_of(source: str, kind: str, leaf: str) -> str:
    """`pc/v1/{bucket}/{kind}/{source}/{leaf}`."""
    bucket = hashlib.sha256(source.encode()).hexdigest()[0]
    return f"pc/v1/{bucket}/{kind}/{source}/{leaf}"


class Device:
    """One device or app on the wire.

    Args:
        where: host and port of the broker's outer listener, and whom to trust.
        kind: `devices` or `apps`.
    """

    def __init__(
        self, where: tuple[str, int, ssl.SSLContext], source: str, kind: str, password: str
    ) -> None:
        self.source, self.kind = source, kind
        self.streams: dict[str, Stream] = {}
        self.is_up = asyncio.Event()
        self.down: list[dict[str, Any]] = []
        self._where, self._password = where, password
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._packet_id = 0

    def stream(self, name: str) -> Stream:
        """The stream of that name; it begins when first asked for."""
        return self.streams.setdefault(name, Stream(name))

    def start(self) -> None:
        """Connect, and connect again whenever the connection is lost."""
        self._task = asyncio.create_task(self._live(), name=f"device {self.source}")

    async def stop(self) -> None:
        """Leave."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def happen(self, stream: str, type_: str, *, at: datetime | None = None, **more: object) -> int:
        """Something happened: number it, keep it, send it when there is a connection."""
        of = self.stream(stream)
        seq = of.add({"type": type_, "at": written(at or wall_now()), **more})
        self._send(of, [seq])
        return seq

    def publish(self, stream: str, payload: bytes) -> bool:
        """Any bytes, kept by nobody; whether there was a connection."""
        if self._writer is None or self._writer.is_closing() or not self.is_up.is_set():
            return False
        self._packet_id = self._packet_id % 65_000 + 1
        topic = topic_of(self.source, self.kind, f"up/{stream}")
        self._writer.write(packets.publish(topic, self._packet_id, payload))
        return True

    def shout(self, stream: str, payload: bytes) -> None:
        """Any bytes at QoS 0, which promises nothing."""
        if self._writer is not None and not self._writer.is_closing() and self.is_up.is_set():
            topic = topic_of(self.source, self.kind, f"up/{stream}")
            self._writer.write(packets.publish_unpromised(topic, payload))

    def _send(self, of: Stream, seqs: Sequence[int]) -> None:
        if not seqs or not self.is_up.is_set():
            return
        now, sent, events = monotonic(), written(wall_now()), []
        for seq in seqs:
            held = of.held[seq]
            held.sent_at, held.behind = now, of.asked
            events.append({**held.event, "sent": sent})
        if self.publish(of.name, json.dumps(events if len(events) > 1 else events[0]).encode()):
            of.published.update(seqs)

    def _ask(self, of: Stream) -> None:
        of.asked += 1
        of.asked_at = monotonic()
        self.publish(of.name, json.dumps({"ask": of.asked}).encode())

    async def _live(self) -> None:
        wait = 0.3
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await self._connection()
                wait = 0.3
            await asyncio.sleep(random.uniform(wait / 2, wait))  # noqa: S311 - no secret
            wait = min(wait * 2, 3.0)

    async def _connection(self) -> None:
        host, port, trusted = self._where
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(host, port, ssl=trusted)
        ticker: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._greet(reader, writer)
            self._writer = writer
            self.is_up.set()
            self._begin()
            ticker = asyncio.create_task(self._tick())
            while True:
                async with asyncio.timeout(3 * KEEP_ALIVE_S):
                    head, body = await packets.read(reader)
                self._take(head, body)
        finally:
            self.is_up.clear()
            self._writer = None
            if ticker is not None:
                ticker.cancel()
            writer.transport.abort()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = packets.connect(self.source, self.source, self._password, keep_alive_s=KEEP_ALIVE_S)
        writer.write(mine)
        head, body = await packets.read(reader)
        if head >> 4 != packets.CONNACK or body[1] != 0:
            raise ConnectionRefusedError(f"the broker does not let {self.source} in")
        writer.write(packets.subscribe(topic_of(self.source, self.kind, "down")))
        await packets.read(reader)

    def _begin(self) -> None:
        """What never left goes first; then an ask for what left before."""
        for of in self.streams.values():
            fresh = [seq for seq, held in of.held.items() if held.sent_at is None]
            for first in range(0, len(fresh), AT_ONCE):
                self._send(of, fresh[first : first + AT_ONCE])
            if len(fresh) < len(of.held):
                self._ask(of)

    async def _tick(self) -> None:
        pinged = monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            now = monotonic()
            if self._writer is not None and now - pinged > KEEP_ALIVE_S / 2:
                pinged = now
                self._writer.write(packets.PING)
            for of in self.streams.values():
                if of.again:
                    some = of.due_again()
                    of.resent += len(some)
                    self._send(of, some)
                elif of.must_ask(now, ASK_AFTER_S):
                    self._ask(of)

    def _take(self, head: int, body: bytes) -> None:
        if head >> 4 != packets.PUBLISH:
            return
        payload, packet_id = packets.message(head, body)
        if packet_id is not None and self._writer is not None:
            self._writer.write(packets.puback(packet_id))
        told = json.loads(payload)
        self.down.append(told)
        if (ack := told.get("ack")) is not None:
            self.stream(ack["stream"]).is_acked(ack["boot"], ack["seq"])
        elif (reject := told.get("reject")) is not None and reject["stream"] in self.streams:
            ranges = reject.get("seq", [])
            self.streams[reject["stream"]].is_rejected(reject.get("boot"), ranges, reject["reason"])
        elif "echo" in told:
            self.stream(told["stream"]).is_echoed(told["echo"])
