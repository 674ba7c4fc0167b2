"""One batch, one transaction: fence, duplicates, effects, quarantine, outbox. All or nothing."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from aiokafka import ConsumerRecord
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import metrics
from shared.db import dropped, inbox, ledger, offsets
from shared.db.offsets import Position
from shared.events import CustomerChanged, Erased, Event, Telemetry, codec
from shared.stream import quarantine
from shared.stream.batch import Batch, aside, explanation
from shared.stream.quarantine import CONFLICT, Quarantined
from shared.stream.record import Received
from shared.stream.transaction import Transaction, transaction

Handle = Callable[[Transaction, Sequence[Received[Any]]], Awaitable[None]]
Brake = Callable[[Sequence[Quarantined]], bool]
"""Whether so many records may not be set aside."""


class TooMuchPoison(Exception):
    """More would go to quarantine than one source's doing can explain.

    Attributes:
        places: the partitions they stand in.
    """

    def __init__(self, aside: Sequence[Quarantined]) -> None:
        super().__init__(f"{len(aside)} records")
        self.places = sorted({(row.topic, row.partition) for row in aside})


async def apply(
    engine: AsyncEngine,
    service: str,
    work: Batch,
    handle: Handle,
    now: datetime,
    brake: Brake = lambda _: False,
) -> list[Quarantined]:
    """Apply a batch; returns what of it was set aside.

    Raises: FenceLost: another process moved a partition on. TooMuchPoison: `brake` says so.
        Whatever the database or `handle` raises. Nothing has happened then.
    """
    erasing = any(type(received.event) is Erased for received, _ in work.events)
    async with transaction(engine, service, now, erasing=erasing) as tx:
        await offsets.move(tx.connection, work.moves)
        new, conflicts = await _admit(tx.connection, work)
        set_apart = [*work.aside, *conflicts]
        if set_apart and brake(set_apart):
            raise TooMuchPoison(set_apart)
        if new:
            await handle(tx, new)
        await quarantine.add(tx.connection, set_apart)
    metrics.RECORDS.labels(topic=work.topic).inc(work.size)
    metrics.DUPLICATES.labels(topic=work.topic).inc(len(work.events) - len(new) - len(conflicts))
    return set_apart


async def move_on(engine: AsyncEngine, moves: Sequence[tuple[int, Position]]) -> None:
    """Move past records that have no effect. Raises: FenceLost."""
    async with engine.begin() as connection:
        await offsets.move(connection, moves)


def poison(work: Batch, reason: str, detail: str) -> list[Quarantined]:
    """What a batch of one record, which cannot be applied, becomes."""
    held: list[tuple[Received[Any], ConsumerRecord]] = [*work.events, *work.dropped]
    return work.aside + [
        aside(record, received.id, reason, detail, received.arrival, received.event)
        for received, record in held
    ]


async def set_aside(
    engine: AsyncEngine, service: str, work: Batch, rows: Sequence[Quarantined], now: datetime
) -> None:
    """Move past a batch of one record by putting it into quarantine; it is not counted."""
    async with transaction(engine, service, now) as tx:
        await offsets.move(tx.connection, work.moves)
        await quarantine.add(tx.connection, rows)


def _digest(event: Event) -> str:
    """Tells conflicts under one number apart, and one that comes again from a second one."""
    assert isinstance(event, Telemetry)  # noqa: S101 - it has a number
    return hashlib.sha256(codec.said(event)).hexdigest()[:16]


def is_sequenced(event: Event) -> bool:
    """Whether the ledger can tell its duplicates; else the inbox does, by id."""
    return isinstance(event, Telemetry) and event.seq is not None and event.boot is not None


def sighting(event: Telemetry) -> ledger.Sighting:
    """A sequenced event as the ledger sees it."""
    assert event.boot is not None and event.seq is not None  # noqa: S101, PT018 - see is_sequenced
    mark = codec.mark(event)
    return ledger.Sighting(event.source, event.STREAM, event.boot, event.seq, event.sent_at, mark)


async def _admit(
    connection: AsyncConnection, work: Batch
) -> tuple[list[Received[Event]], list[Quarantined]]:
    """Which events are new: by sequence, by id, or (customer.changed) by their own version."""
    sequenced: list[int] = []
    by_id: list[int] = []
    fresh: set[int] = set()
    for at, (received, _) in enumerate(work.events):
        if is_sequenced(received.event):
            sequenced.append(at)
        elif isinstance(received.event, CustomerChanged):
            fresh.add(at)  # its handler compares `version`: that is its duplicate check
        else:
            by_id.append(at)
    conflicts = await _count(connection, work.events, sequenced, fresh)
    if by_id:
        seen = [(work.events[at][0].id, work.events[at][0].arrival) for at in by_id]
        unknown = await inbox.add(connection, work.topic, seen)
        for at in by_id:
            id_ = work.events[at][0].id
            if id_ in unknown:
                unknown.discard(id_)
                fresh.add(at)
    if work.dropped:
        reports = [explanation(received.event) for received, _ in work.dropped]
        await dropped.explain_all(connection, reports)
    return [work.events[at][0] for at in sorted(fresh)], conflicts


async def _count(
    connection: AsyncConnection,
    events: Sequence[tuple[Received[Event], ConsumerRecord]],
    sequenced: Sequence[int],
    fresh: set[int],
) -> list[Quarantined]:
    sightings = []
    for at in sequenced:
        event = events[at][0].event
        assert isinstance(event, Telemetry)  # noqa: S101 - see is_sequenced
        sightings.append(sighting(event))
    verdicts = await ledger.count(connection, sightings)
    fresh.update(sequenced[n] for n in verdicts.new)
    conflicts = []
    for n in verdicts.conflicts:
        received, record = events[sequenced[n]]
        detail = "another event under a known seq: a cloned device, or a counter lost without boot"
        id_ = f"{received.id}~{_digest(received.event)}"
        conflicts.append(aside(record, id_, CONFLICT, detail, received.arrival, received.event))
    return conflicts
