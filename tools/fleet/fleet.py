"""A fleet, from its plan to its last ack: what the demo, the tests and `playcaller fleet` run."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.clock import monotonic, wall_now
from tools.fleet import bad, truth
from tools.fleet.beacons import Beacons
from tools.fleet.delivery import Habits, Packet, Source
from tools.fleet.errors import NotInTime
from tools.fleet.generate import Generate
from tools.fleet.household import Household, rng_for
from tools.fleet.ledger import Ledger
from tools.fleet.mqtt import allow_files
from tools.fleet.radio import Radio
from tools.fleet.registry import Office, Registry
from tools.fleet.replay import Head, Recorder
from tools.fleet.script import DAY_S, SCRIPT
from tools.fleet.source import Rules
from tools.fleet.story import Setting
from tools.fleet.vendor import Vendor

STEP_S = 21_600
BAD_AT = 0.6  # share of history after which the bad payloads are sent
LIVE_TURN_S = 2.0
LIVE_STEP_S = 10.0
SWEEP_EVERY_S = 2.0
EXTRA_CONNECTIONS = 5  # the clock and the prototypes
OLD_LIFO_S = 6 * 3600.0


@dataclass(frozen=True)
class Endpoints:
    """Where the system is, e.g. `mqtt://127.0.0.1:1883` and two `http://...`."""

    mqtt: str
    ingest: str
    journey: str


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        now: simulated time reached.
        remaining_s: estimated seconds of wall time, None at the very start.
    """

    step: int
    steps: int
    events: int
    acked: int
    now: datetime
    elapsed_s: float
    remaining_s: float | None
    what: str = "history"

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.elapsed_s if self.elapsed_s > 0 else 0.0


OnProgress = Callable[[Progress], None]


class Fleet:
    """Plan it, run its history, then let it live.

    Attributes:
        ledger: what was published and acked; complete when `run` has returned.
        truth: what the personas were up to.
        seconds: wall time of the history, without the wait for the last acks.
    """

    def __init__(self, *, rules: Rules | None = None, step_s: int = STEP_S) -> None:
        """Args: step_s: length of a step; must divide a day."""
        if step_s <= 0 or DAY_S % step_s:
            raise ValueError(f"a step of {step_s} s does not divide a day")
        self.rules = rules or Rules(jitter_s=5.0)
        self.step_s = step_s
        self.ledger = Ledger()
        self.truth: dict[str, Any] = {}
        self.homes: list[Household] = []
        self.seconds = 0.0
        self._sources: dict[str, Source] = {}
        self._eager: dict[str, None] = {}  # sources with something to send, in order
        self._often_offline: list[Source] = []
        self._left = 0  # events sent
        self._radio: Radio | None = None
        self._beacons: Beacons | None = None
        self._registry: Office | None = None
        self._stopping = asyncio.Event()

    def plan(self, customers: int, days: int, seed: int, end: datetime) -> None:
        """Decide who there will be and what will happen to them; nothing is sent yet.

        Args:
            end: when history ends: the present moment, as a rule.
        """
        self.setting = Setting(float(days))
        self.seed = seed
        self.end = int(end.timestamp())
        self.start = self.end - days * DAY_S
        self.steps = days * DAY_S // self.step_s
        self._generate = Generate(customers, seed, self.setting, self.start)
        self.homes = self._generate.homes
        self.truth = truth.truth(self.homes, seed, self.setting, self.start)
        self._vendor = Vendor(self.homes, seed, self.setting, self.start)
        for home in self.homes:
            self._introduce(home)
        self._often_offline = [s for s in self._sources.values() if s.habits.offline]

    async def run(
        self,
        endpoints: Endpoints,
        on_progress: OnProgress | None = None,
        *,
        max_ahead: timedelta | None = None,
        registry: Office | None = None,
    ) -> None:
        """Live through history, then wait until ingest has acked all of it.

        Args:
            max_ahead: wait when journey's clock is further behind than this.
            registry: does the vendor's work; None: over HTTP at the endpoints.
        Raises: FleetError, with what is missing.
        """
        allow_files(len(self._sources) + EXTRA_CONNECTIONS)
        self._radio = radio = Radio(endpoints.mqtt)
        self._beacons = Beacons(radio.network)
        self._registry = registry = registry or Registry(endpoints.ingest, endpoints.journey)
        began = swept = monotonic()
        await self._beacons.send(_moment(self.start), self.step_s)
        await registry.wait_for_clocks(_moment(self.start) + timedelta(seconds=self.step_s))
        for step in range(self.steps):
            if self._stopping.is_set():
                return
            end = self.start + (step + 1) * self.step_s
            if (end - self.step_s - self.start) % DAY_S == 0:
                await self._work((end - self.start - 1) // DAY_S, end)
            await self._step(end, last=step + 1 == self.steps)
            if step == int(BAD_AT * self.steps):
                await self._misbehave(end)
            await self._beacons.send(_moment(end), self.step_s)
            if monotonic() - swept > SWEEP_EVERY_S:
                swept = monotonic()
                radio.sweep(end)
            if max_ahead is not None:
                await self._wait_for_journey(_moment(end) - max_ahead)
            if on_progress is not None:
                on_progress(self._progress(step + 1, end, began))
        self.seconds = monotonic() - began
        await self._finish(began, on_progress)

    def record(self, recorder: Recorder, on_progress: OnProgress | None = None) -> None:
        """Write history to a file instead of living it; needs no servers."""
        began = monotonic()
        recorder.head(Head(1, len(self.homes), self.setting.days, self.seed, self.start, self.end))
        recorder.beacon(_text(self.start), self.step_s)
        for step in range(self.steps):
            end = self.start + (step + 1) * self.step_s
            if (end - self.step_s - self.start) % DAY_S == 0:
                recorder.work(self._vendor.day((end - self.start - 1) // DAY_S))
            self._tell(end)
            packets = self._due(end, last=step + 1 == self.steps)
            recorder.packets(packets)
            for _, some in packets:
                for packet in some:
                    stream = packet.stream
                    stream.ack(stream.boot, [(e.seq, e.seq) for e in packet.entries])
            recorder.beacon(_text(end), self.step_s)
            if on_progress is not None:
                on_progress(self._progress(step + 1, end, began))
        self._enter()

    async def live(self, *, step_s: float = LIVE_STEP_S) -> None:
        """Go on at the wall's pace, with beacons that follow it, until `stop`."""
        radio, beacons = self._connected()
        beacon_at = monotonic()
        while not self._stopping.is_set():
            now = int(wall_now().timestamp())
            await self._step(now, last=False)
            radio.sweep(now)
            if monotonic() >= beacon_at:
                await radio.settled()
                await beacons.send(_moment(now), step_s)
                beacon_at = monotonic() + step_s
            await self._pause(LIVE_TURN_S)

    async def stop(self) -> None:
        """End `run` or `live` at its next turn and disconnect everybody."""
        self._stopping.set()
        if self._registry is not None:
            await self._registry.close()
            self._registry = None
        if self._radio is not None:
            self._radio.close()
            self._radio = None

    def _introduce(self, home: Household) -> None:
        story = home.story
        offline = tuple(
            (round(self.start + span.first * DAY_S), round(self.start + span.end * DAY_S))
            for span in story.outages
        )
        boots = rng_for(self.seed, home.number, SCRIPT + 1)
        for device in home.devices:
            wakes = device.wake_s if device.battery else OLD_LIFO_S if story.lifo else 0.0
            habits = Habits(
                wakes, device.phase_s, story.clock_off_s, story.lifo, story.duplicates, offline
            )
            boot = boots.bytes(8).hex()
            self._sources[device.id] = Source(
                device.id, "devices", self.start, boot, habits, self.rules
            )
        if home.app is not None:
            self._sources[home.app] = Source(
                home.app, "apps", self.start, boots.bytes(8).hex(), Habits(), self.rules
            )

    async def _step(self, end: int, *, last: bool) -> None:
        """Publish what happens up to `end`, and have the broker's acks of it."""
        radio, _ = self._connected()
        self._tell(end)
        awake = [self._sources[name] for name in self._eager]
        await radio.join(source for source in awake if not source.is_offline(end))
        speaking = self._due(end, last=last)
        await radio.join(source for source, _ in speaking)
        await radio.publish(speaking)
        await radio.settled()
        await radio.room([source for source, _ in speaking], end)
        for source in self._often_offline:
            if source.is_offline(end):
                radio.leave(source)

    def _tell(self, end: int) -> None:
        """Let happen what happens up to `end`."""
        told = self._generate.until(end)
        for name, happenings in told.items():
            self._sources[name].live(happenings)
        self._eager.update(dict.fromkeys(told))

    def _due(self, end: int, *, last: bool) -> list[tuple[Source, list[Packet]]]:
        """What leaves up to `end`, of everything that has happened."""
        now = monotonic()
        awake = [self._sources[name] for name in self._eager]
        packets = [(source, list(source.send(end, now, all_of_it=last))) for source in awake]
        self._eager = {source.id: None for source in awake if source.has_fresh}
        self._left += sum(len(packet.entries) for _, some in packets for packet in some)
        return [(source, some) for source, some in packets if some]

    async def _work(self, day: int, sent: int) -> None:
        registry = self._registry
        work = self._vendor.day(day)
        if registry is None or not work:
            return
        await registry.do(work)
        for device in work.retire:
            source = self._sources.get(device)
            if source is not None:
                # What it said before must be through, or ingest would refuse it as retired.
                await self._connected()[0].until_acked([source], sent)
                self._connected()[0].leave(source)
            await registry.retire(device)

    async def _misbehave(self, at: int) -> None:
        """Send everything that must be refused, and what carries no numbers."""
        radio, _ = self._connected()
        moment = _text(at - 60)
        known, *_ = prototypes = bad.prototypes(self.seed)
        links = {name: radio.network.connect(name, bad.down(name)) for name in prototypes}
        await radio.network.up(links.values(), 30)
        for each in bad.bad_payloads(self.seed, moment):
            links[bad.source_of(each.topic)].send(each.topic, each.payload)
            self.ledger.bad_sent[each.reason] += 1
        for payload in bad.unsequenced(moment):
            links[known].send(bad.topic(known), payload)
            self.ledger.unsequenced += 1
        for link in links.values():
            radio.network.flush(link)
        if not await radio.network.acked(links.values(), 30):
            raise NotInTime("no PUBACK of the bad payloads after 30 s")

    async def _finish(self, began: float, on_progress: OnProgress | None) -> None:
        radio, _ = self._connected()
        sources = list(self._sources.values())
        waiting = asyncio.create_task(radio.until_acked(sources, self.end))
        while not waiting.done():
            if on_progress is not None:
                on_progress(self._progress(self.steps, self.end, began, "last acks"))
            await asyncio.wait([waiting], timeout=0.5)
        await waiting  # whether all were acked is for the ledger to say
        self.ledger.rejected = radio.rejected
        self._enter()

    def _enter(self) -> None:
        """Close the books."""
        for source in self._sources.values():
            self.ledger.take(source.id, source.streams.values())
            self.ledger.duplicates_sent += source.duplicates_sent

    async def _wait_for_journey(self, behind: datetime) -> None:
        while self._registry is not None and not self._stopping.is_set():
            reached = (await self._registry.clocks())["journey"]
            if reached is None or reached >= behind:
                return
            await self._pause(0.1)

    async def _pause(self, seconds: float) -> None:
        await self._connected()[0].network.until(self._stopping.is_set, seconds)

    def _connected(self) -> tuple[Radio, Beacons]:
        if self._radio is None or self._beacons is None:
            raise NotInTime("the fleet is not running")
        return self._radio, self._beacons

    def _progress(self, step: int, end: int, began: float, what: str = "history") -> Progress:
        elapsed = monotonic() - began
        left = elapsed / step * (self.steps - step) if step else None
        acked = 0 if self._radio is None else self._radio.acked
        return Progress(step, self.steps, self._left, acked, _moment(end), elapsed, left, what)


def _text(second: int) -> str:
    return _moment(second).isoformat().replace("+00:00", "Z")


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
