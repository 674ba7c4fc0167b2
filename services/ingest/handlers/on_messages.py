"""Messages of sources, in the order they were read: decode, judge, make records and answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from services.ingest.domain import addresses, beacons
from services.ingest.domain.addresses import Address
from services.ingest.domain.beacons import BucketClocks, Waiting
from services.ingest.domain.decode import decode
from services.ingest.domain.elements import Ask, Element, Refused
from services.ingest.domain.judge import content_id, judge, may_speak
from services.ingest.domain.message import Message
from services.ingest.domain.rejects import rejects_of
from services.ingest.domain.source import Source
from services.ingest.handlers.plan import Plan, Sources, Unclaimed
from services.ingest.handlers.records import Records
from shared.clock import Clock
from shared.events import Dropped, Telemetry

MAX_ADDRESSES = 500_000
HEARD_EVERY = timedelta(minutes=5)  # how exact `last_seen` is
BOOT_EVERY = timedelta(days=1)


class Planner:
    """Turns chunks into plans; remembers addresses, bucket clocks and who was heard when.

    With the stream clock a message is received at its bucket's open step's end, whatever the wall
    says. Beacons are refused without it.
    """

    def __init__(self, clock: Clock, bucket_clocks: BucketClocks | None) -> None:
        self._clock = clock
        self._clocks = bucket_clocks
        self._records = Records()
        self._addresses: dict[str, Address] = {}
        self._heard: dict[str, datetime] = {}

    def sources_of(self, messages: Sequence[Message]) -> set[str]:
        """The ids of all sources that speak in these messages."""
        found = {self.address(message.topic).source for message in messages}
        return {each for each in found if len(each) <= 64}

    def address(self, topic: str) -> Address:
        """The address of an MQTT topic, remembered."""
        found = self._addresses.get(topic)
        if found is None:
            if len(self._addresses) >= MAX_ADDRESSES:
                self._addresses.clear()
            found = self._addresses[topic] = addresses.parse(topic)
        return found

    def plan(
        self, messages: Sequence[Message], sources: Sources, *, complete: bool, blocked: set[str]
    ) -> Plan:
        """Decide what a chunk becomes.

        Args:
            messages: in the order they were read.
            sources: what the registry knows of those who speak.
            complete: whether a source that is not there is unknown; else it could not be looked up,
                and its messages are held.
            blocked: sources with earlier messages still waiting: theirs wait behind.
        """
        plan, waiting = Plan(), Waiting()
        for message in messages:
            bucket = None
            if message.topic.endswith("/clock/up"):
                bucket = addresses.clock_bucket(message.topic)
            if bucket is not None:
                self._beacon(plan, waiting, message, bucket)
                continue
            address = self.address(message.topic)
            source = sources.get(address.source)
            if address.source in blocked or (
                source is None and not complete and address.problem is None
            ):
                blocked.add(address.source)
                plan.held.append(message)
                continue
            if waiting.buckets and address.bucket in waiting.buckets:
                self._write_beacons(plan, waiting)
            self._message(plan, message, address, source)
        self._write_beacons(plan, waiting)
        return plan

    def _message(
        self, plan: Plan, message: Message, address: Address, source: Source | None
    ) -> None:
        received_at = message.received_at or self._received_at(address.bucket)
        facts = len(plan.facts)
        elements: Sequence[Element]
        if address.problem is not None:
            elements = [Refused(address.problem)]
        else:
            elements = decode(message.payload, address.stream, address.source)
        refused = self._elements(plan, elements, address, source, received_at)
        if message.again is None:
            self._reject(plan, message, address, refused, received_at)
        elif not refused:
            plan.cured.append(message.again)
        if (refused and message.again is None) or len(plan.facts) > facts:
            plan.bound.append(message)
        plan.taken.append(message)

    def _elements(
        self,
        plan: Plan,
        elements: Sequence[Element],
        address: Address,
        source: Source | None,
        received_at: datetime,
    ) -> list[Refused]:
        """Take what can be taken; returns the rest."""
        mute = may_speak(source, address)
        refused: list[Refused] = []
        for element in elements:
            if isinstance(element, Refused):
                refused.append(element)
            elif isinstance(element, Ask):
                plan.asks.append((address, element.number))
            else:
                why = mute
                if why is None and source is not None:
                    why = self._event(plan, element, address, source, received_at)
                if why is not None:
                    refused.append(_refuse(element, why, len(elements) > 1))
        return refused

    def _reject(
        self,
        plan: Plan,
        message: Message,
        address: Address,
        refused: Sequence[Refused],
        received_at: datetime,
    ) -> None:
        if refused:
            for reject in rejects_of(address, message.topic, message.payload, refused, received_at):
                plan.rejects.append((address, reject))
                plan.records.append(self._records.rejected(reject))

    def _event(
        self, plan: Plan, event: Telemetry, address: Address, source: Source, received_at: datetime
    ) -> str | None:
        """Add an event to the plan; the reason why not, else None."""
        boot, seq = event.boot, event.seq
        id_ = f"{boot}:{seq}" if seq is not None else content_id(event)
        why = judge(event, source, received_at)
        if why is not None:
            return why
        record = self._records.event(event, address, id_)
        plan.records.append(record)
        plan.accepted[record.topic] = plan.accepted.get(record.topic, 0) + 1
        if boot is not None:
            if seq is not None:
                plan.confirmed.append((address, boot, seq))
            self._hear_boot(plan, source, boot, received_at)
        if event.customer is None and address.stream == "lifecycle" and type(event) is not Dropped:
            plan.facts.append(Unclaimed(f"{address.ce_source}#{id_}", source.id, event))
        heard = self._heard.get(source.id)
        if heard is None or received_at - heard > HEARD_EVERY:
            if len(self._heard) >= MAX_ADDRESSES:
                self._heard.clear()
            self._heard[source.id] = plan.heard[source.id] = received_at
        return None

    @staticmethod
    def _hear_boot(plan: Plan, source: Source, boot: str, at: datetime) -> None:
        seen = source.boots.get(boot)
        if seen is None or at - seen > BOOT_EVERY:
            source.boots[boot] = plan.boots[source.id, boot] = at

    def _received_at(self, bucket: str) -> datetime:
        """Simulated time where the bucket has one, else the clock's."""
        simulated = None if self._clocks is None else self._clocks.received_at(bucket)
        return self._clock.now() if simulated is None else simulated

    def _beacon(self, plan: Plan, waiting: Waiting, message: Message, bucket: str) -> None:
        tick = beacons.read(message.payload)
        if self._clocks is None or tick is None:
            address = Address(bucket, "device", "clock", "clock", None, "/clock/")
            refused = Refused("no_stream_clock" if self._clocks is None else "bad_beacon")
            self._reject(plan, message, address, [refused], self._clock.now())
            plan.bound.append(message)
        elif self._clocks.advance(bucket, tick):
            waiting.add(bucket, tick)
            plan.ticks[bucket] = tick
        plan.taken.append(message)

    def _write_beacons(self, plan: Plan, waiting: Waiting) -> None:
        for beacon in waiting.take():
            plan.records.extend(self._records.beacon(beacon))


def _refuse(event: Telemetry, reason: str, several: bool) -> Refused:
    """A sound event that is refused for who sent it or when; in arrays its bytes are made again."""
    raw = None
    if several:
        fields = msgspec.to_builtins(event)
        raw = msgspec.json.encode({**fields.pop("extra", {}), **fields})
    boot = event.boot if event.seq is not None else None
    return Refused(reason, raw=raw, boot=boot, seq=event.seq)
