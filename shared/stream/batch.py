"""Raw Kafka records become work: decoded, identified, in order, with the position after them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiokafka import ConsumerRecord

from shared.db import dropped
from shared.db.offsets import Position
from shared.errors import Unprocessable
from shared.events import Beacon, Dropped, Event, Telemetry, codec
from shared.stream import simulated_time
from shared.stream.quarantine import Quarantined
from shared.stream.record import Received

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Batch:
    """What one transaction will apply of one topic.

    Attributes:
        moves: (offset the database must hold, position afterwards) per partition.
        events: with their raw record, in partition order.
        aside: records nobody can read, for quarantine.
        dropped: reports of sources about their rings, with their raw record.
    """

    topic: str
    moves: list[tuple[int, Position]] = field(default_factory=list)
    events: list[tuple[Received[Event], ConsumerRecord]] = field(default_factory=list)
    aside: list[Quarantined] = field(default_factory=list)
    dropped: list[tuple[Received[Dropped], ConsumerRecord]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Records in it, beacons apart."""
        return len(self.events) + len(self.aside) + len(self.dropped)


def moment(timestamp_ms: int) -> datetime:
    """Kafka's timestamp as UTC."""
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC)


def identity_of(event: Event, headers: Iterable[tuple[str, bytes]]) -> str | None:
    """The event's identity: from its own sequence, else from its CloudEvents headers."""
    if isinstance(event, Telemetry) and event.seq is not None:
        return f"/{event.source}/{event.STREAM}#{event.boot}:{event.seq}"
    pairs = list(headers)
    source, id_ = codec.header(pairs, "ce_source"), codec.header(pairs, "ce_id")
    return None if source is None or id_ is None else codec.identity(source, id_)


def _is_storable(value: Any) -> bool:
    """Whether PostgreSQL can hold every text in it: NUL it cannot."""
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, dict):
        return all(_is_storable(k) and _is_storable(v) for k, v in value.items())
    return not isinstance(value, list) or all(map(_is_storable, value))


def decode(record: ConsumerRecord) -> tuple[Event | None, str, str]:
    """The record's event, else None with reason and detail."""
    if record.value is None:
        return None, "no_value", "the record is a tombstone on a topic that has none"
    try:
        event = codec.decode(record.value)
        if b"\\u0000" in record.value and not _is_storable(msgspec.json.decode(record.value)):
            return None, "nul_in_string", "a text contains the character NUL"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, "undecodable", str(error)
    if event.at.tzinfo is None:
        return None, "undecodable", "`at` has no zone"
    return event, "", ""


def coordinates(record: ConsumerRecord) -> str:
    """Topic, partition and offset as an id."""
    return f"{record.topic}:{record.partition}:{record.offset}"


def aside(
    record: ConsumerRecord,
    id_: str,
    reason: str,
    detail: str,
    arrival: datetime,
    event: Event | None = None,
) -> Quarantined:
    """A record for quarantine, with its bytes."""
    return Quarantined(
        id=id_,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=record.headers,
        reason=reason,
        detail=detail,
        appended_at=moment(record.timestamp),
        arrival=arrival,
        source=event.source if isinstance(event, Telemetry) and event.source else None,
    )


def whose(event: Event, record: ConsumerRecord) -> str:
    """Whose doing a record is, as `Quarantined.whose` says it."""
    if isinstance(event, Telemetry) and event.source:
        return event.source
    return "" if record.key is None else record.key.decode("utf-8", "replace")


def take(
    work: Batch,
    position: Position,
    records: Iterable[ConsumerRecord],
    *,
    until: datetime | None,
    limit: int,
) -> int:
    """Move records of one partition into `work`, in order; returns how many were taken.

    Args:
        position: where the partition stands; not changed.
        until: simulated time at which the partition has to wait for the others.
        limit: how many records at the most.
    """
    at = position
    taken = 0
    last: ConsumerRecord | None = None
    simulated = simulated_time.arrival(at)
    stamp_ms, append_time = -1, EPOCH
    for record in records:
        ahead = until is not None and at.simulated is not None and at.simulated > until
        if taken >= limit or ahead:
            break
        taken += 1
        last = record
        event, reason, detail = decode(record)
        if isinstance(event, Beacon):
            at = simulated_time.after(at, event)
            simulated = simulated_time.arrival(at)
            continue
        if record.timestamp != stamp_ms:  # a whole batch of Kafka's has one
            stamp_ms, append_time = record.timestamp, moment(record.timestamp)
        _sort(work, record, event, (reason, detail), append_time, simulated or append_time)
    if last is not None:
        work.moves.append((position.next_offset, _moved(at, last)))
    return taken


def _moved(at: Position, last: ConsumerRecord) -> Position:
    return Position(
        topic=at.topic,
        partition=at.partition,
        next_offset=last.offset + 1,
        last_id=codec.header(last.headers, "ce_id"),
        last_at=moment(last.timestamp),
        beacons=at.beacons,
        simulated=at.simulated,
        step_s=at.step_s,
    )


def _sort(
    work: Batch,
    record: ConsumerRecord,
    event: Event | None,
    why_not: tuple[str, str],
    append_time: datetime,
    arrival: datetime,
) -> None:
    if event is None:
        work.aside.append(aside(record, coordinates(record), *why_not, arrival))
        return
    id_ = identity_of(event, record.headers)
    if isinstance(event, Dropped):
        _sort_report(work, record, event, id_ or coordinates(record), append_time, arrival)
    elif id_ is None:
        work.aside.append(
            aside(
                record, coordinates(record), "no_identity", "no ce_source or ce_id", arrival, event
            )
        )
    else:
        received: Received[Event] = Received(
            event, id_, record.topic, record.partition, record.offset, append_time, arrival
        )
        work.events.append((received, record))


def _sort_report(
    work: Batch,
    record: ConsumerRecord,
    event: Dropped,
    id_: str,
    append_time: datetime,
    arrival: datetime,
) -> None:
    """A report the ledger would refuse goes aside at once: the batch it came in is not its fault."""
    try:
        explanation(event)
    except Unprocessable as error:
        work.aside.append(aside(record, id_, error.reason, error.detail, arrival, event))
        return
    received: Received[Dropped] = Received(
        event, id_, record.topic, record.partition, record.offset, append_time, arrival
    )
    work.dropped.append((received, record))


def explanation(event: Dropped) -> dropped.Report:
    """A report as the ledger takes it.

    Raises: Unprocessable: it names no `boot`, or more than one report may.
    """
    if event.boot is None:
        raise Unprocessable("no_identity", "a report about no boot")
    dropped.check_dropped(event.ranges)
    return dropped.Report(event.source, event.stream, event.boot, event.ranges)
