"""One database transaction and the events it emits: both happen, or neither."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import ids
from shared.db import audit, erased, outbox
from shared.db.audit import Entry
from shared.effects import rows as effects
from shared.effects.effect import Planned  # noqa: TC001 - beside what is used at run time
from shared.events import Beacon, Event, News
from shared.events.codec import encode

_wakers: WeakKeyDictionary[Any, asyncio.Event] = WeakKeyDictionary()
_planners: WeakKeyDictionary[Any, "Planning"] = WeakKeyDictionary()


def waker(engine: AsyncEngine) -> asyncio.Event:
    """Set when a transaction of this engine has left something in the outbox."""
    event = _wakers.get(engine.sync_engine)
    if event is None:
        event = _wakers[engine.sync_engine] = asyncio.Event()
    return event


class Planning(asyncio.Event):
    """Set when transactions have planned effects.

    Attributes:
        kinds: of which, until somebody has looked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kinds: set[str] = set()

    async def taken(self) -> set[str]:
        """Wait for some; of which kinds they are."""
        await self.wait()
        self.clear()
        kinds, self.kinds = self.kinds, set()
        return kinds


def planned(engine: AsyncEngine) -> Planning:
    """What transactions of this engine have planned."""
    planning = _planners.get(engine.sync_engine)
    if planning is None:
        planning = _planners[engine.sync_engine] = Planning()
    return planning


class Transaction:
    """A batch, a timer firing or an API call; `emit` writes to the outbox when it ends.

    Attributes:
        connection: what stores take.
        now: the service's clock when the transaction began (timers: may use their own due time).
        entries: what the audit will say when it commits.
        effects: what is to be done outside once it has committed.
    """

    def __init__(self, connection: AsyncConnection, service: str, now: datetime) -> None:
        self.connection = connection
        self.service = service
        self.now = now
        self._rows: list[outbox.Row] = []
        self.entries: list[Entry] = []
        self.effects: list[Planned] = []

    def emit(
        self,
        event: News,
        *,
        key: str,
        cause: str,
        kind: str,
        n: int = 0,
        topic: str | None = None,
    ) -> str:
        """Publish `event` when this transaction commits; the same cause gives the same id.

        Args:
            key: Kafka key, `c:<customer>` or `d:<source>`.
            cause: identity of what led to it: a record's id, `timer:...`, an Idempotency-Key.
            kind, n: tell apart what one cause emits.
            topic: where the event's own is only the default.
        Returns: the event's id.
        """
        id_ = ids.derived(self.service, cause, kind, n)
        self._add(event, id_, key, topic)
        return id_

    def emit_beacon(self, beacon: Beacon, topic: str) -> None:
        """Tell every partition of one of our topics how far our clock is."""
        self._add(beacon, f"{topic}@{beacon.at.isoformat()}", None, topic)

    def _add(self, event: Event, id_: str, key: str | None, topic: str | None = None) -> None:
        self._rows.append(
            outbox.Row(
                id=id_,
                topic=event.TOPIC if topic is None else topic,
                key=key,
                value=encode(event),
                type=event.type_name(),
                at=event.at,
            )
        )

    def audit(self, *entries: Entry) -> None:
        """Write into the audit when this transaction commits: changes by people and programs."""
        self.entries += entries

    async def flush(self) -> tuple[bool, set[str]]:
        """Write what was planned, emitted and audited: the last tables every transaction locks.

        Returns: whether something was emitted, and the kinds of what was planned.
        """
        emitted, planning = bool(self._rows), {effect.kind for effect in self.effects}
        if planning:
            await effects.plan(self.connection, self.effects, self.now)
            self.effects.clear()
        if emitted:
            await outbox.add(self.connection, self._rows)
            self._rows = []
        if self.entries:
            await audit.record(self.connection, self.entries)
            self.entries.clear()
        return emitted, planning


@asynccontextmanager
async def transaction(
    engine: AsyncEngine,
    service: str,
    now: datetime,
    *,
    erasing: bool = False,
    writing: bool = True,
) -> AsyncIterator[Transaction]:
    """Begin, hand out, flush the outbox, commit; an exception rolls all of it back.

    Args:
        erasing: it erases somebody: no other writes meanwhile.
        writing: False: it audits a reading, and waits for no erasure.
    """
    async with engine.begin() as connection:
        if writing:
            await erased.hold(connection, alone=erasing)
        tx = Transaction(connection, service, now)
        yield tx
        emitted, planning = await tx.flush()
    if emitted:
        waker(engine).set()
    if planning:
        plans = planned(engine)
        plans.kinds |= planning
        plans.set()
