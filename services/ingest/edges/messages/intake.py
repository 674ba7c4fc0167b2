"""The tasks of ingest: the bridge with its sessions, and the chores around it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from services.ingest.domain.buckets import buckets
from services.ingest.domain.buckets.beacons import BucketClocks, Tick
from services.ingest.domain.buckets.contact import Contact
from services.ingest.domain.failure import failure
from services.ingest.edges.buckets.session import Broker, Notice, Session
from services.ingest.edges.messages.bridge import Bridge
from services.ingest.errors import Away
from shared import log
from shared.clock import Clock, StreamClock, wall_now

HEARD_EVERY_S = 15.0
EXPIRE_EVERY_S = 600.0
RETRY_S = 1.0

_log = log.get("ingest.intake")


class PlanStore(Protocol):
    """What the chores need of the store. Raises Away."""

    async def buckets(self) -> tuple[set[str], dict[str, Tick]]: ...
    async def contacts(self) -> dict[str, datetime]: ...
    async def write_contacts(self, contacts: dict[str, datetime]) -> None: ...
    async def connected(self, name: str, now: datetime) -> None: ...
    async def write_heard(self) -> None: ...
    async def expire(self) -> None: ...


class Kafka(Protocol):
    """The producer."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Intake:
    """Starts the bridge once everything it needs is there, and ends it in order."""

    def __init__(
        self,
        bridge: Bridge,
        plans: PlanStore,
        kafka: Kafka,
        broker: Broker,
        clock: Clock,
        clocks: BucketClocks,
        owned: str,
    ) -> None:
        self._bridge = bridge
        self._plans = plans
        self._kafka = kafka
        self._broker = broker
        self._clock = clock
        self._clocks = clocks
        self._owned = owned
        self._new: set[str] = set()
        self._facts = buckets.facts(owned, None, clock.now())

    async def run(self) -> None:
        """Bridge until cancelled."""
        known, ticks = await self._plans.buckets()
        contacts = await self._plans.contacts()
        self._clocks.ticks.update(ticks)
        simulated = self._clocks.simulated(self._owned)
        if simulated is not None and isinstance(self._clock, StreamClock):
            self._clock.advance(simulated)
        notice = Notice(self._broker.name)
        for bucket in self._owned:
            self._bridge.sessions[bucket] = Session(
                bucket,
                self._broker,
                self._bridge.deliver,
                self._received_at,
                notice,
                known=bucket in known,
                remember=self._new.add,
                forget=self._bridge.forget,
                contact=Contact(self._broker.receive_maximum, contacts.get(bucket)),
            )
        _log.info("reading buckets %s from %s", self._owned, self._broker.name)
        await self._kafka.start()
        try:
            await self._bridge.run()
        finally:
            await self._kafka.stop()
            await self._quietly(self._plans.write_heard)
            await self._quietly(self._write_contacts)

    async def chores(self) -> None:
        """Until cancelled: write who was heard, delete what is over."""
        rounds = 0
        while True:
            await asyncio.sleep(HEARD_EVERY_S)
            await self._quietly(self._plans.write_heard)
            await self._quietly(self._remember)
            await self._quietly(self._write_contacts)
            rounds += 1
            if rounds * HEARD_EVERY_S >= EXPIRE_EVERY_S:
                rounds = 0
                await self._quietly(self._plans.expire)

    def facts(self) -> dict[str, str]:
        """Which buckets are ours, and which are nobody's, as the last chores saw it."""
        return self._facts

    def state(self) -> dict[str, str]:
        """Sentences about what is being waited for."""
        said = {}
        sessions = self._bridge.sessions
        away = "".join(b for b in self._owned if b not in sessions or not sessions[b].stands)
        if away:
            said["mqtt"] = f"waiting for the MQTT broker: buckets {away}"
        taken = "".join(b for b in self._owned if b in sessions and sessions[b].is_taken)
        if taken:
            said["mqtt"] = f"another process reads our buckets {taken}: one of the two must go"
        if (away_s := self._bridge.away_s) is not None:
            said["registry"] = f"waiting for PostgreSQL, {away_s:.0f} s"
        if (away_s := self._bridge.kafka_away_s) is not None:
            said["kafka"] = f"waiting for Kafka, {away_s:.0f} s"
        return said

    def _received_at(self) -> datetime | None:
        """With the stream clock the order of reading says it, not the moment."""
        return None if isinstance(self._clock, StreamClock) else self._clock.now()

    async def _remember(self) -> None:
        for bucket in sorted(self._new):
            await self._plans.connected(bucket, wall_now())
            self._new.discard(bucket)

    async def _write_contacts(self) -> None:
        """Keep since when messages may be waiting, should we end now."""
        contacts = {b: session.contact.at for b, session in self._bridge.sessions.items()}
        await self._plans.write_contacts({b: at for b, at in contacts.items() if at is not None})
        if not isinstance(self._clock, StreamClock):  # simulated, nobody writes them
            seen = await self._plans.contacts()
            self._facts = buckets.facts(self._owned, seen, self._clock.now())

    @staticmethod
    async def _quietly(step: Callable[[], Awaitable[None]]) -> None:
        """A chore that can wait for the database."""
        try:
            await step()
        except Away as error:
            _log.info("a chore waits for PostgreSQL", extra={"error": str(error)[:200]})
        except Exception as error:  # noqa: BLE001 - the net
            _log.error("a chore failed: again at its next time", extra=failure(error))
