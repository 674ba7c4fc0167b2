"""The sources on the air: their connections, packets out, acks in, asks and resends."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from shared.clock import monotonic
from tools.fleet.delivery import Packet, Source, SourceKind
from tools.fleet.errors import NotInTime
from tools.fleet.link import Link
from tools.fleet.mqtt import CONNECTING, Network
from tools.fleet.source import Stream, StreamName

TURN = 64  # sources that publish between two looks at the sockets
CONNECT_S = 60.0
PUBACK_S = 60.0
SILENCE_S = 90.0  # without a single new ack for this long, what is missing is given up
SWEEP_S = 0.25
ISSUED_AT_ONCE = 1_000  # passwords, the most that ingest gives in one answer


class Named(msgspec.Struct):
    """What an ack names."""

    stream: StreamName
    boot: str
    seq: list[tuple[int, int]]


class Refusal(msgspec.Struct):
    """What a reject names: ids, or the digest of a whole payload."""

    stream: str
    reason: str
    boot: str | None = None
    seq: list[tuple[int, int]] = []
    sha256: str | None = None


class Shown(msgspec.Struct):
    """A message of a play, as an app shows it."""

    id: str


class Down(msgspec.Struct):
    """A message on `down`."""

    message: Shown | None = None
    ack: Named | None = None
    reject: Refusal | None = None
    echo: int | None = None
    stream: StreamName | None = None


_decode = msgspec.json.Decoder(Down).decode


Issue = Callable[[SourceKind, list[str]], Awaitable[dict[str, str]]]


@dataclass(frozen=True)
class Broker:
    """Where the broker is, and how sources get in.

    Attributes:
        url, ca: as `Network` takes them.
        passwords: of accounts of ours, by name.
        issue: gets passwords for sources; None: they share the account in the URL.
    """

    url: str
    ca: Path | None = None
    passwords: Mapping[str, str] = field(default_factory=dict)
    issue: Issue | None = None


class Radio:
    """Publishes for all sources and hears what ingest answers.

    Attributes:
        acked: events that acks took out of rings.
        rejected: rejects heard, by reason.
        shown: messages that apps were told, each once, until they are taken.
    """

    def __init__(self, broker: Broker) -> None:
        self._passwords = dict(broker.passwords)
        self._issue: Issue | None = broker.issue
        self.network = Network(broker.url, self._heard, ca=broker.ca, passwords=self._passwords)
        self.sources: dict[str, Source] = {}
        self.acked = 0
        self.rejected: Counter[str] = Counter()
        self.shown: dict[tuple[str, str], None] = {}
        self._dice = random.Random(0)  # noqa: S311  # jitter, not a secret
        self._touched: set[Link] = set()
        self._connections: dict[str, int] = {}

    async def join(self, sources: Iterable[Source]) -> None:
        """Connect those that are not connected, and wait until they are. Raises NotInTime."""
        new = [source for source in sources if source.id not in self.network.links]
        await self.let_in("devices", [s.id for s in new if s.kind == "devices"])
        await self.let_in("apps", [s.id for s in new if s.kind == "apps"])
        for first in range(0, len(new), CONNECTING):
            links = []
            for source in new[first : first + CONNECTING]:
                self.sources[source.id] = source
                links.append(self.network.connect(source.id, f"{source.prefix}/down"))
            if not await self.network.up(links, CONNECT_S):
                raise NotInTime(f"{len(links)} devices are not connected after {CONNECT_S:.0f} s")
            self._notice_connections(links)

    async def let_in(self, kind: SourceKind, names: Iterable[str]) -> None:
        """Get passwords for those that have none yet. Raises RegistryRefused."""
        lacking = [name for name in names if name not in self._passwords]
        if self._issue is None or self.network.has_account:
            return
        for first in range(0, len(lacking), ISSUED_AT_ONCE):
            part = lacking[first : first + ISSUED_AT_ONCE]
            self._passwords.update(await self._issue(kind, part))

    def leave(self, source: Source) -> None:
        """Disconnect; its rings stay."""
        link = self.network.links.get(source.id)
        if link is not None:
            self.network.disconnect(link)
            self._connections.pop(source.id, None)

    async def publish(self, packets: Iterable[tuple[Source, Sequence[Packet]]]) -> None:
        """Put packets on the wire; `settled` waits for the broker."""
        for turn, (source, some) in enumerate(packets):
            link = self.network.links[source.id]
            for packet in some:
                self._send(link, source, packet)
            self.network.flush(link)
            if turn % TURN == TURN - 1:
                self.network.pump()
                await asyncio.sleep(0)

    async def settled(self) -> None:
        """Wait until the broker has acked everything. Raises NotInTime."""
        if not await self.network.acked(self._touched, PUBACK_S):
            waiting = sum(link.pending for link in self._touched)
            raise NotInTime(f"{waiting} messages have no PUBACK after {PUBACK_S:.0f} s")
        self._touched.clear()

    def is_waiting(self, source: Source) -> bool:
        """Whether something of it is not acked yet; it is asked for with the next sweep."""
        unacked = _unacked(source)
        for _, stream in unacked:
            if not stream.is_asking:
                stream.ask_at = monotonic()
        return bool(unacked)

    def sweep(self, sent: int) -> None:
        """Ask and send again wherever that is due. `sent`: what the sources' clocks show."""
        now = monotonic()
        self._notice_connections(self.network.links.values())
        for source in self.sources.values():
            for stream in source.streams.values():
                if stream.ring and (link := self.network.links.get(source.id)) and link.is_up:
                    self._attend(link, source, stream, sent, now)

    async def until_acked(self, sources: Sequence[Source], sent: int) -> bool:
        """Ask, and send again what is not named, until these rings are empty.

        Returns: False when nothing new has been acked for SILENCE_S.
        """
        last, quiet_since = self.acked, monotonic()
        while waiting := [s for source in sources for s in _unacked(source)]:
            now = monotonic()
            for source, stream in waiting:
                link = self.network.links.get(source.id)
                if link is not None and link.is_up:
                    if not stream.is_asking:
                        stream.ask_at = now
                    self._attend(link, source, stream, sent, now)
            await self.network.until(lambda: False, SWEEP_S)
            if self.acked > last:
                last, quiet_since = self.acked, monotonic()
            elif monotonic() - quiet_since > SILENCE_S:
                return False
        return True

    async def room(self, sources: Sequence[Source], sent: int) -> None:
        """Wait while a ring is so full that the next step could overflow it.

        Simulated time would otherwise outrun the acks, which no real device does.
        """
        tight = [s for s in sources if any(stream.is_tight for stream in s.streams.values())]
        if tight:
            await self.until_acked(tight, sent)

    def close(self) -> None:
        """Disconnect everybody."""
        self.network.close()

    def raw(self, source: Source, topic: str, payload: bytes) -> None:
        """Publish bytes as they are; their events are in the source's rings already."""
        link = self.network.links[source.id]
        link.send(topic, payload)
        self.network.flush(link)
        self._touched.add(link)

    def _send(self, link: Link, source: Source, packet: Packet) -> None:
        topic = source.topic(packet.stream.name)
        link.send(topic, packet.payload)
        if source.habits.duplicates and source.dice.random() < source.habits.duplicates:
            link.send(topic, packet.payload)
            source.duplicates_sent += len(packet.entries)
        self._touched.add(link)

    def _attend(self, link: Link, source: Source, stream: Stream, sent: int, now: float) -> None:
        topic = source.topic(stream.name)
        for packet in source.resends(stream, sent, now):
            link.send(topic, packet.payload)
            self._touched.add(link)
        if stream.ask_is_due(now):
            report = source.dropped_report(stream, sent)
            if report is not None:
                link.send(topic, report)
            link.send(topic, msgspec.json.encode({"ask": stream.ask(now)}))
            self._touched.add(link)
        self.network.flush(link)

    def _notice_connections(self, links: Iterable[Link]) -> None:
        """What was under way on an earlier connection may be lost: its streams will ask."""
        for link in links:
            before = self._connections.get(link.source, 0)
            if link.is_up and link.connections != before:
                self._connections[link.source] = link.connections
                source = self.sources.get(link.source)
                for stream in source.streams.values() if source is not None else ():
                    stream.connected(monotonic(), self._dice.random())

    def _heard(self, link: Link, payload: bytes) -> None:
        try:
            down = _decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return  # of a later version
        source = self.sources.get(link.source)
        if down.reject is not None:
            self.rejected[down.reject.reason] += 1
        if source is None:
            return
        if down.message is not None:
            self.shown.setdefault((source.id, down.message.id), None)
        if (ack := down.ack) is not None and (stream := source.streams.get(ack.stream)):
            self.acked += stream.ack(ack.boot, ack.seq)
        if (no := down.reject) is not None and no.boot is not None:
            for stream in source.streams.values():
                if stream.name == no.stream:
                    stream.reject(no.boot, no.seq)
        if down.echo is not None and down.stream in source.streams:
            source.streams[down.stream].echo(down.echo)


def _unacked(source: Source) -> list[tuple[Source, Stream]]:
    return [(source, stream) for stream in source.streams.values() if stream.ring]
