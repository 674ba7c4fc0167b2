"""Erasure as every service does it: forget, remember that it is forgotten, and say so.

A record about somebody erased, whenever it comes (late, replayed, read again after a restore), moves
offset and ledger on and has no effect: what it says of the customer is left out before a handler
sees it. What a service has to forget beside that, its `erase` knows.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import log
from shared.db import erased
from shared.events import Erased, ErasureDone, Event, RegistryChanged, Telemetry, TicketChanged
from shared.events.erasure_done import TOPIC_OF
from shared.stream import quarantine
from shared.stream.apply import Handle
from shared.stream.record import Received
from shared.stream.transaction import Transaction, transaction

AT_ONCE = 500  # subjects in one transaction

Erase = Callable[[Transaction, Sequence[str]], Awaitable[Sequence[str]]]
"""Forget these subjects, sorted; returns ids of devices and apps known to be theirs.

Erasing somebody again, or somebody never heard of, changes nothing.
"""
Batch = Sequence[Received[Any]]

_OURS = frozenset({Erased, ErasureDone})
_log = log.get("stream.erasure")


def guarded(handle: Handle, erase: Erase, done: Handle | None = None) -> Handle:
    """`handle` behind the guard: erasures are applied, and nobody erased comes back.

    Args:
        done: takes the answers of the services; for journey.
    """

    async def handle_batch(tx: Transaction, batch: Batch) -> None:
        ours = [received for received in batch if type(received.event) in _OURS]
        rest: Batch = batch
        if ours:
            rest = [received for received in batch if type(received.event) not in _OURS]
            await _told(
                tx, [received for received in ours if type(received.event) is Erased], erase
            )
            answers = [received for received in ours if type(received.event) is ErasureDone]
            if done is not None and answers:
                await done(tx, answers)
        rest = await without_erased(tx.connection, rest)
        if rest:
            await handle(tx, rest)

    return handle_batch


async def forget(
    connection: AsyncConnection,
    subjects: Mapping[str, datetime],
    erase: Callable[[Sequence[str]], Awaitable[Sequence[str]]],
) -> None:
    """Erase subjects in a transaction that holds the lock alone.

    Args:
        subjects: when the erasure of each was asked for.
    """
    await erased.add(connection, subjects)
    ordered = sorted(subjects)
    sources = await erase(ordered)
    await quarantine.purge(connection, ordered, sources)


async def again(
    engine: AsyncEngine, service: str, erase: Erase, subjects: Mapping[str, datetime], now: datetime
) -> None:
    """Erase these, whether or not they are erased here already: after a restore."""
    ordered = sorted(subjects)
    for first in range(0, len(ordered), AT_ONCE):
        some = {subject: subjects[subject] for subject in ordered[first : first + AT_ONCE]}
        async with transaction(engine, service, now, erasing=True) as tx:
            await forget(tx.connection, some, partial(erase, tx))


async def at_start(engine: AsyncEngine, service: str, erase: Erase, now: datetime) -> int:
    """Erase all that are on our own list once more, before anything is consumed.

    Why: tables may have been restored from a backup that is older than the list.
    Returns: how many are on it.
    """
    count = 0
    for page in await everybody(engine):
        await again(engine, service, erase, page, now)
        count += len(page)
    if count:
        _log.info("%d erasures hold", count)
    return count


async def everybody(engine: AsyncEngine) -> list[dict[str, datetime]]:
    """Our list of erased subjects, in pages."""
    pages: list[dict[str, datetime]] = []
    after = ""
    while True:
        async with engine.connect() as connection:
            customers = await erased.page(connection, after, AT_ONCE)
        if not customers:
            return pages
        pages.append(customers)
        after = max(customers)


async def without_erased(connection: AsyncConnection, batch: Batch) -> Batch:
    """The batch as if nobody erased were in it."""
    named = {
        customer
        for received in batch
        for name in ("customer", "previous_customer")
        if (customer := getattr(received.event, name, None)) is not None
    }
    gone = await erased.known(connection, named)
    if not gone:
        return batch
    left = ((received, _left(received.event, gone)) for received in batch)
    return [
        received if event is received.event else msgspec.structs.replace(received, event=event)
        for received, event in left
        if event is not None
    ]


def _left(event: Event, gone: set[str]) -> Event | None:
    """What is left of an event: nobody's telemetry, a change of the registry without the person."""
    left: Event = event
    if getattr(event, "customer", None) in gone:
        if not isinstance(event, Telemetry | RegistryChanged | TicketChanged):
            return None
        left = msgspec.structs.replace(event, customer=None)
    if isinstance(left, RegistryChanged) and left.previous_customer in gone:
        left = msgspec.structs.replace(left, previous_customer=None)
    return left


async def _told(tx: Transaction, told: Batch, erase: Erase) -> None:
    if not told:
        return
    asked = {received.event.customer: received.event.at for received in told}
    await forget(tx.connection, asked, partial(erase, tx))
    for received in told:
        customer = received.event.customer
        answer = ErasureDone(at=tx.now, customer=customer, service=tx.service)
        topic = TOPIC_OF[tx.service]
        tx.emit(answer, key=f"c:{customer}", cause=received.id, kind="erasure_done", topic=topic)
