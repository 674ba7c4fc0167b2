"""A fleet, from its plan to its last ack: what the demo, the tests and `playcaller fleet` run."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from shared.clock import monotonic, wall_now
from tools.fleet import copied as copies
from tools.fleet.beacons import Beacons
from tools.fleet.crowd import Crowd
from tools.fleet.desk import Desk
from tools.fleet.errors import NotRunning
from tools.fleet.ledger import Ledger
from tools.fleet.misbehave import misbehave
from tools.fleet.mqtt import allow_files
from tools.fleet.progress import Progress as Progress
from tools.fleet.radio import Broker, Radio
from tools.fleet.registry import Office, Registry
from tools.fleet.replay import Head, Recorder
from tools.fleet.script import DAY_S
from tools.fleet.source import Rules
from tools.fleet.story import Setting

STEP_S = 21_600
BAD_AT = 0.6  # share of history after which the bad payloads are sent
LIVE_TURN_S = 2.0
STOP_S = 2 * LIVE_TURN_S
LIVE_STEP_S = 10.0
SWEEP_EVERY_S = 2.0
EXTRA_CONNECTIONS = 5  # the clock and the prototypes


@dataclass(frozen=True)
class Endpoints:
    """Where the system is and who we are there.

    Attributes:
        mqtt: `mqtts://host:port`; or an account of tests, that everybody shares.
        ingest, journey: base URLs.
        auth: signs in as the vendor's backend.
        ca: whom the broker's certificate must be of.
        accounts: passwords of our own accounts at the broker, by name: that of the clock.
    """

    mqtt: str
    ingest: str
    journey: str
    auth: httpx.Auth | None = None
    ca: Path | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)

    def broker(self, office: Office) -> Broker:
        """How the sources get in: with passwords that the registry gives."""
        return Broker(self.mqtt, self.ca, self.accounts, office.credentials)


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
        self.rules = rules or Rules(jitter_s=2.0)
        self.step_s = step_s
        self.ledger = Ledger()
        self.truth: dict[str, Any] = {}
        self.seconds = 0.0
        self._radio: Radio | None = None
        self._beacons: Beacons | None = None
        self._registry: Office | None = None
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def plan(
        self, customers: int, days: int, seed: int, end: datetime, *, history: bool = True
    ) -> None:
        """Decide who there will be and what will happen to them; nothing is sent yet.

        Args:
            end: when history ends: the present moment, as a rule.
            history: False: day 0 begins at `end`, and the days are still to come.
        """
        self.seed = seed
        self.end = int(end.timestamp())
        start = self.end - days * DAY_S if history else self.end
        self.steps = days * DAY_S // self.step_s if history else 0
        self._crowd = Crowd(customers, Setting(float(days)), seed, start, self.rules)
        self.start = start
        self.homes = self._crowd.homes
        self._desk = Desk(self._crowd, self.end, self._connected)
        copied = copies.victim(self.homes, days * BAD_AT / 2) if history else None
        self.truth = {**self._crowd.truth(), "copied": copied}

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
        await self.begin(endpoints, registry=registry)
        radio, office = self._connected()
        self._beacons = beacons = Beacons(radio.network)
        began = swept = monotonic()
        await beacons.send(_moment(self.start), self.step_s)
        await office.wait_for_clocks(_moment(self.start) + timedelta(seconds=self.step_s))
        for step in range(self.steps):
            if self._stopping.is_set():
                return
            end = self.start + (step + 1) * self.step_s
            await self._desk.work(end - self.step_s, ahead=True)
            await self._step(end, last=step + 1 == self.steps)
            if step == int(BAD_AT * self.steps):
                await misbehave(radio, self.seed, _text(end - 60), self.ledger)
                copied = self._crowd.sources.get(self.truth["copied"] or "")
                self.ledger.copied += await copies.speak(radio, copied, _text(end - 60))
            await beacons.send(_moment(end), self.step_s)
            if monotonic() - swept > SWEEP_EVERY_S:
                swept = monotonic()
                radio.sweep(end)
            if max_ahead is not None:
                await self._wait_for_journey(_moment(end) - max_ahead)
            if on_progress is not None:
                on_progress(self._progress(step + 1, end, began))
        self.seconds = monotonic() - began
        await self._finish(began, on_progress)

    @property
    def used(self) -> dict[str, set[date]]:
        """Days (UTC) with a use by a person so far, by customer."""
        first = _moment(self.start).date()
        return {
            customer: {first + timedelta(days=day) for day in days}
            for customer, days in self._crowd.used.items()
        }

    def record(self, recorder: Recorder, on_progress: OnProgress | None = None) -> None:
        """Write history to a file instead of living it; needs no servers."""
        began = monotonic()
        recorder.head(
            Head(1, len(self.homes), self._crowd.setting.days, self.seed, self.start, self.end)
        )
        recorder.beacon(_text(self.start), self.step_s)
        for step in range(self.steps):
            end = self.start + (step + 1) * self.step_s
            if (end - self.step_s - self.start) % DAY_S == 0:
                recorder.work(self._crowd.vendor.day((end - self.start - 1) // DAY_S))
            self._crowd.tell(end)
            packets = self._crowd.due(end, 0.0, last=step + 1 == self.steps)
            recorder.packets(packets)
            for _, some in packets:
                for packet in some:
                    stream = packet.stream
                    stream.ack(stream.boot, [(e.seq, e.seq) for e in packet.entries])
            recorder.beacon(_text(end), self.step_s)
            if on_progress is not None:
                on_progress(self._progress(step + 1, end, began))
        self._crowd.enter(self.ledger)

    async def begin(self, endpoints: Endpoints, *, registry: Office | None = None) -> None:
        """Connect to the system. `run` does it; `live` alone needs it first, and sends no beacons.

        Raises: TooFewFiles.
        """
        allow_files(len(self._crowd.sources) + EXTRA_CONNECTIONS)
        office = registry or Registry(endpoints.ingest, endpoints.journey, endpoints.auth)
        self._registry = office
        self._radio = Radio(endpoints.broker(office))

    async def live(self, *, step_s: float = LIVE_STEP_S) -> None:
        """Go on at the wall's pace until `stop`; after a history, beacons follow the wall."""
        radio, _ = self._connected()
        beacon_at = monotonic()
        self._idle.clear()
        try:
            while not self._stopping.is_set():
                now = int(wall_now().timestamp())
                await self._desk.work(now)
                await self._step(now, last=False)
                radio.sweep(now)
                if self._beacons is not None and monotonic() >= beacon_at:
                    await radio.settled()
                    await self._beacons.send(_moment(now), step_s)
                    beacon_at = monotonic() + step_s
                await radio.network.until(self._stopping.is_set, LIVE_TURN_S)
        finally:
            self._idle.set()

    async def stop(self) -> None:
        """End `run` or `live` at its next turn, then disconnect everybody."""
        self._stopping.set()
        if self._radio is not None:
            self._desk.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self._idle.wait()
        if self._registry is not None:
            await self._registry.close()
            self._registry = None
        if self._radio is not None:
            self._radio.close()
            self._radio = None

    async def _step(self, end: int, *, last: bool) -> None:
        """Publish what happens up to `end`, and have the broker's acks of it."""
        radio, _ = self._connected()
        crowd = self._crowd
        shown, radio.shown = radio.shown, {}
        crowd.look(shown)
        crowd.tell(end)
        # Connected before anything counts as sent: a first connection is no reason to ask.
        await radio.join(source for source in crowd.awake if not source.is_offline(end))
        speaking = crowd.due(end, monotonic(), last=last)
        await radio.join(source for source, _ in speaking)
        await radio.publish(speaking)
        await radio.settled()
        await radio.room([source for source, _ in speaking], end)
        for source in crowd.often_offline:
            if source.is_offline(end):
                radio.leave(source)

    async def _finish(self, began: float, on_progress: OnProgress | None) -> None:
        radio, _ = self._connected()
        sources = list(self._crowd.sources.values())
        waiting = asyncio.create_task(radio.until_acked(sources, self.end))
        while not waiting.done():
            if on_progress is not None:
                on_progress(self._progress(self.steps, self.end, began, "last acks"))
            await asyncio.wait([waiting], timeout=0.5)
        await waiting  # whether all were acked is for the ledger to say
        await self._desk.retire()
        self.ledger.rejected = radio.rejected
        self._crowd.enter(self.ledger)

    async def _wait_for_journey(self, behind: datetime) -> None:
        _, office = self._connected()
        while not self._stopping.is_set():
            reached = (await office.clocks())["journey"]
            if reached is None or reached >= behind:
                return
            await asyncio.sleep(0.1)

    def _connected(self) -> tuple[Radio, Office]:
        if self._radio is None or self._registry is None:
            raise NotRunning
        return self._radio, self._registry

    def _progress(self, step: int, end: int, began: float, what: str = "history") -> Progress:
        elapsed = monotonic() - began
        left = elapsed / step * (self.steps - step) if step else None
        acked = 0 if self._radio is None else self._radio.acked
        return Progress(
            step, self.steps, self._crowd.sent, acked, _moment(end), elapsed, left, what
        )


def _text(second: int) -> str:
    return _moment(second).isoformat().replace("+00:00", "Z")


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
