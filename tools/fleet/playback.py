"""Play a recorded file against a running system, with rings, asks and resends as a fleet's."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.clock import monotonic
from tools.fleet.beacons import Beacons
from tools.fleet.delivery import Source
from tools.fleet.errors import NotInTime
from tools.fleet.fleet import Endpoints
from tools.fleet.ledger import Ledger
from tools.fleet.mqtt import allow_files
from tools.fleet.radio import Radio
from tools.fleet.registry import Office, Registry
from tools.fleet.replay import Line, address, elements, entry_of, lines, work_of
from tools.fleet.source import Rules, Stream, StreamName

AT_ONCE = 2_000  # messages between two waits for the broker where the file has no beacons
SPARE = 50


class Playback:
    """Reads a recording twice: once to count its sources, once to play it.

    Attributes:
        ledger: complete when `play` has returned.
        messages: played so far.
    """

    def __init__(self, path: Path, *, rules: Rules | None = None) -> None:
        self.ledger = Ledger()
        self.messages = 0
        self._path = path
        self._rules = rules or Rules(jitter_s=5.0)
        self._sources: dict[str, Source] = {}
        self._sent = 0

    async def play(
        self,
        endpoints: Endpoints,
        on_progress: Callable[[int], None] | None = None,
        *,
        speed: float = 0.0,
        registry: Office | None = None,
    ) -> None:
        """Play it all, then wait for the last acks.

        Args:
            on_progress: told how many messages have been played.
            speed: recorded seconds per second; 0: as fast as the broker acks.
            registry: does the vendor's work; None: over HTTP at the endpoints.
        Raises: FleetError.
        """
        topics = {line.topic for line in lines(self._path) if line.topic is not None}
        allow_files(len({address(topic)[:2] for topic in topics}) + SPARE)
        office = registry or Registry(endpoints.ingest, endpoints.journey, endpoints.auth)
        radio = Radio(endpoints.broker(office))
        try:
            await self._play(radio, Beacons(radio.network), office, speed, on_progress)
            await radio.until_acked(list(self._sources.values()), self._sent)
        finally:
            for source in self._sources.values():
                self.ledger.take(source.id, source.streams.values())
            self.ledger.rejected = radio.rejected
            await office.close()
            radio.close()

    async def _play(
        self,
        radio: Radio,
        beacons: Beacons,
        office: Office,
        speed: float,
        on_progress: Callable[[int], None] | None,
    ) -> None:
        began, first = monotonic(), None
        for line in lines(self._path):
            if line.work is not None:
                await self._work(radio, office, line.work)
            elif line.now is not None:
                await radio.settled()
                now = datetime.fromisoformat(line.now)
                await beacons.send(now, line.step_s or 1.0)
                self._sent = int(now.timestamp())
            elif line.topic is not None:
                if line.sent is not None and speed > 0:
                    first = line.sent if first is None else first
                    await asyncio.sleep(began + (line.sent - first) / speed - monotonic())
                await self._message(radio, line)
                if self.messages % AT_ONCE == 0:
                    await radio.settled()
                    await radio.room(list(self._sources.values()), self._sent)
                    radio.sweep(self._sent)
                    if on_progress is not None:
                        on_progress(self.messages)
        await radio.settled()

    async def _message(self, radio: Radio, line: Line) -> None:
        topic, payload = line.topic or "", line.bytes()
        kind, name, stream_name = address(topic)
        source = self._sources.get(name)
        if source is None:
            source = self._sources[name] = Source(
                name,
                "apps" if kind == "apps" else "devices",
                0,
                "",
                rules=self._rules,
            )
        await radio.join([source])
        self._sent = line.sent or self._sent
        self.messages += 1
        for element in elements(payload):
            await self._remember(radio, source, stream_name, element)
        radio.raw(source, topic, payload)

    async def _remember(
        self, radio: Radio, source: Source, name: StreamName, element: dict[str, Any]
    ) -> None:
        """Keep an event in the ring until it is acked, as the device did that sent it."""
        entry = entry_of(element)
        stream = source.streams.get(name)
        if stream is None or stream.boot != element["boot"]:
            if stream is not None:  # the device lost its counter: what it had is settled first
                await radio.until_acked([source], self._sent)
                self.ledger.take(source.id, [stream])
            stream = source.streams[name] = Stream(name, element["boot"], self._rules)
        if entry.seq in stream.published:
            self.ledger.duplicates_sent += 1
            return
        stream.next_seq = max(stream.next_seq, entry.seq + 1)
        stream.ring[entry.seq] = entry
        stream.sending([entry], monotonic())

    async def _work(self, radio: Radio, office: Office, told: dict[str, Any]) -> None:
        work = work_of(told)
        await office.do(work)
        for device in work.retire:
            if (source := self._sources.get(device)) is not None:
                if not await radio.until_acked([source], self._sent):
                    raise NotInTime(f"{device} has events that nobody has acked")
                radio.leave(source)
            await office.retire(device)
