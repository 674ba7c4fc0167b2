"""Messages of sources, in the order they were read: decode, judge, make records and answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from services.ingest.domain.buckets import beacons
from services.ingest.domain.buckets.beacons import BucketClocks, Waiting
from services.ingest.domain.failure import failure
from services.ingest.domain.messages import addresses
from services.ingest.domain.messages.addresses import Address
from services.ingest.domain.messages.decode import decode
from services.ingest.domain.messages.elements import DROPPED, Ask, Element, Refused
from services.ingest.domain.messages.judge import (
    MANY_BOOTS,
    closed,
    identity,
    judge,
    may_speak,
    too_many_boots,
)
from services.ingest.domain.messages.message import Message
from services.ingest.domain.rejects.rejects import rejects_of
from services.ingest.domain.sources import firmware
from services.ingest.domain.sources.source import Source
from services.ingest.handlers.messages.plan import Plan, Sources, Unclaimed
from services.ingest.handlers.messages.records import Records
from shared import log
from shared.clock import Clock
from shared.events import FirmwareUpdated, Telemetry

MAX_ADDRESSES = 200_000  # remembered; about 0.5 kB each
HEARD_EVERY = timedelta(minutes=5)  # how exact `last_seen` is
BOOT_EVERY = timedelta(days=1)
INTERNAL = "internal_error"

_log = log.get("ingest.planner")


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
        self._due: dict[str, datetime] = {}

    def sources_of(self, messages: Sequence[Message]) -> set[str]:
        """The ids of all sources that speak in these messages."""
        paths = set()
        addresses_of = self._addresses.get
        for message in messages:
            address = message.address = addresses_of(message.topic) or self.address(message.topic)
            if address.problem is None:
                paths.add(address.source)
        return paths

    def source_of(self, message: Message) -> str:
        """The id of whoever speaks in it."""
        return (message.address or self.address(message.topic)).source

    def address(self, topic: str) -> Address:
        """The address of an MQTT topic; remembered unless something is wrong with it."""
        known_address = self._addresses.get(topic)
        if known_address is None:
            known_address = addresses.parse(topic)
            if known_address.problem is None:
                if len(self._addresses) >= MAX_ADDRESSES:
                    self._addresses.clear()
                self._addresses[topic] = known_address
        return known_address

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
            address = message.address or self.address(message.topic)
            if address.problem is not None and self._is_clock(plan, waiting, message):
                continue
            source = sources.get(address.source)
            if address.source in blocked or (
                source is None and not complete and address.problem is None
            ):
                blocked.add(address.source)
                plan.held.append(message)
                continue
            if waiting.buckets and address.bucket in waiting.buckets:
                self._write_beacons(plan, waiting)
            try:
                self._message(plan, message, address, source)
            except Exception as error:  # noqa: BLE001 - the net
                _log.error("a message of %s failed", address.source, extra=failure(error))
                self.aside(plan, message)
        self._write_beacons(plan, waiting)
        return plan

    def aside(self, plan: Plan, message: Message) -> None:
        """Refuse a message whole, for a reason nobody knows; what of it is in the plan stays."""
        self.take_back(plan, message, [Refused(INTERNAL)])
        plan.taken.append(message)

    def take_back(self, plan: Plan, message: Message, refused: Sequence[Refused]) -> None:
        """Refuse of a message in the plan what turned out impossible only later."""
        address = message.address or self.address(message.topic)
        received_at, _ = self._times(message, address.bucket)
        if message.again in plan.cured:
            plan.cured.remove(message.again)
        self._end(plan, message, address, refused, received_at)

    def _message(
        self, plan: Plan, message: Message, address: Address, source: Source | None
    ) -> None:
        at = message.received_at
        received_at, since = (
            (at, message.since) if at is not None else self._times(message, address.bucket)
        )
        facts = len(plan.facts)
        elements: Sequence[Element]
        if address.problem is not None:
            elements = [Refused(address.problem)]
        else:
            boots = source.boots if source is not None else ()
            elements = decode(message.payload, address.stream, address.source, boots)
        mute = may_speak(source, address)
        refused = []
        for element in elements:
            if isinstance(element, Refused):
                refused.append(element)
                continue
            if isinstance(element, Ask):
                plan.asks.append((address, element.number))
                continue
            refusal = mute
            if source is not None and mute is None:
                try:
                    refusal = self._event(plan, element, address, source, received_at, since)
                except Exception as error:  # noqa: BLE001 - the net
                    _log.error("an event of %s failed", source.id, extra=failure(error))
                    refusal = INTERNAL
            if refusal is not None:
                refused.append(refuse(element, refusal, len(elements) > 1))
        if refused or message.again is not None:
            self._end(plan, message, address, refused, received_at)
        if len(plan.facts) > facts:
            plan.bound.append(message)
        plan.taken.append(message)

    def _end(
        self,
        plan: Plan,
        message: Message,
        address: Address,
        refused: Sequence[Refused],
        received_at: datetime,
    ) -> None:
        """What was refused is stored; what was refused before and is taken now is cured."""
        if message.again is None:
            plan.bound.append(message)
            self._reject(plan, message, address, refused, received_at)
        elif not refused:
            plan.cured.append(message.again)

    def _reject(
        self,
        plan: Plan,
        message: Message,
        address: Address,
        refused: Sequence[Refused],
        received_at: datetime,
    ) -> None:
        for reject in rejects_of(address, message.topic, message.payload, refused, received_at):
            plan.rejects.append((address, reject))
            plan.records.append(self._records.rejected(reject))

    def _event(
        self,
        plan: Plan,
        event: Telemetry,
        address: Address,
        source: Source,
        received_at: datetime,
        since: datetime | None,
    ) -> str | None:
        """Add an event to the plan; the reason why not, else None."""
        boot, seq, said = event.boot, event.seq, event.firmware
        id_ = identity(event) if seq is None else f"{boot}:{seq}"
        seen = None if boot is None else source.boots.get(boot)
        new = boot is not None and (seen is None or received_at > seen + BOOT_EVERY)
        if new and boot is not None and closed(source, boot, received_at):
            return "boot_closed"
        if seen is None and boot is not None and too_many_boots(source, received_at):
            return "too_many_boots"
        why = judge(event, source, received_at, since)
        if why is not None:
            return why
        if said is not None or address.stream == "lifecycle":
            self._note_firmware(plan, event, source)
        record = self._records.event(event, address, source, id_)
        plan.records.append(record)
        if event.customer is None and address.stream == "lifecycle" and type(event) is not DROPPED:
            plan.facts.append(Unclaimed(f"{address.ce_source}#{id_}", source.id, event, record))
        plan.accepted[record.topic] = plan.accepted.get(record.topic, 0) + 1
        if seq is not None and boot is not None:
            plan.confirmed.append((address, boot, seq))
        if new and boot is not None:
            source.boots[boot] = plan.boots[source.id, boot] = received_at
            if seen is None:
                source.begun = [*source.begun[1 - MANY_BOOTS :], received_at]
        due = self._due.get(source.id)
        if due is None or received_at >= due:
            self._hear(plan, source.id, received_at)
        return None

    @staticmethod
    def _note_firmware(plan: Plan, event: Telemetry, source: Source) -> None:
        updated = isinstance(event, FirmwareUpdated)
        said = event.to_firmware if isinstance(event, FirmwareUpdated) else event.firmware
        if said != source.runs:
            told = firmware.note(source, said, event.at, is_update=updated)
            if told is not None:
                plan.firmware.setdefault(source.id, []).append(told)

    def _hear(self, plan: Plan, source: str, at: datetime) -> None:
        if len(self._due) >= MAX_ADDRESSES:
            self._due.clear()
        self._due[source] = at + HEARD_EVERY
        plan.heard[source] = at

    def _times(self, message: Message, bucket: str) -> tuple[datetime, datetime | None]:
        """When it was received, and since when it may have waited.

        Simulated time where the bucket has one, else the clock's.
        """
        if message.received_at is not None:
            return message.received_at, message.since
        simulated = None if self._clocks is None else self._clocks.received_at(bucket)
        if self._clocks is None or simulated is None:
            return self._clock.now(), message.since
        return simulated, self._clocks.since(bucket)

    def _is_clock(self, plan: Plan, waiting: Waiting, message: Message) -> bool:
        """Take a message of a clock topic; False: it is none."""
        bucket = addresses.clock_bucket(message.topic)
        if bucket is not None:
            self._beacon(plan, waiting, message, bucket)
        return bucket is not None

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


def refuse(event: Telemetry, reason: str, several: bool) -> Refused:
    """A sound event that is refused for who sent it or when; in arrays its bytes are made again."""
    raw = None
    if several and reason != INTERNAL:  # nobody knows what of it can be written
        fields = msgspec.to_builtins(event)
        raw = msgspec.json.encode({**fields.pop("extra", {}), **fields})
    boot = event.boot if event.seq is not None else None
    return Refused(reason, raw=raw, boot=boot, seq=event.seq)
