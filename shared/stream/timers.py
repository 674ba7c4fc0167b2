"""Timers fire once, whoever runs: one process at a time, each batch in a transaction of its own.

Batches go in order of due time, whichever kind is due first. A batch that raises is tried again at half
its size, down to a single row: that one is parked, and whoever was due before it has fired.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Column, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import log, metrics
from shared.clock import monotonic
from shared.db import trouble
from shared.events import Beacon
from shared.events.topics import produced_by
from shared.stream.transaction import Transaction, transaction

TIMER_LOCK = 7_001  # advisory, of the service's own database
AT_MOST = 500  # rows of a batch
PARKED = timedelta(hours=1)  # a row whose timer raises: the next release may know better
REST_S = 60.0  # timers that raise whatever is due
_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock)")

_log = log.get("stream.timers")


class Fire(Protocol):
    """Fires what is due at `tx.now`, at most `limit` rows, the longest due first; how many it did.

    What another transaction holds is left for the next time (`SKIP LOCKED`).
    """

    async def __call__(self, tx: Transaction, limit: int = AT_MOST) -> int: ...


@dataclass(frozen=True, slots=True)
class Timer:
    """One kind of timers.

    Attributes:
        due: the column that says when a row's is due; its table has a key of one column. None: it
            finds by itself what there is to do.
    """

    fire: Fire
    due: Column[Any] | None = None

    @property
    def name(self) -> str:
        """For a log."""
        if self.due is None:
            return getattr(self.fire, "__name__", "timers")
        return f"{self.due.table.name}.{self.due.name}"


class Timers:
    """What a service does when time has come; one that cannot fire keeps no other from it.

    Attributes:
        aside: rows whose timer raised, by table and key, and until when they wait.
    """

    def __init__(self, engine: AsyncEngine, service: str, timers: Sequence[Timer]) -> None:
        self.aside: dict[str, datetime] = {}
        self._engine = engine
        self._service = service
        self._timers = tuple(timers)
        self._resting: dict[int, float] = {}
        self._limits = [AT_MOST] * len(self._timers)

    @property
    def waiting(self) -> int:
        """How many timers are set aside, and kinds of timers that rest."""
        return len(self.aside) + len(self._resting)

    async def fire(self, now: datetime, step_s: float | None) -> bool:
        """Fire everything due at `now`; with simulated time then tell our topics how far we are.

        Args:
            step_s: length of a simulated step, seconds; None with the wall's clock.
        Returns: False when another process holds the timers: it does the work.
        """
        self.aside = {name: until for name, until in self.aside.items() if until > now}
        self._resting = {n: until for n, until in self._resting.items() if until > monotonic()}
        idle = set(self._resting)
        while (which := await self._first(now, idle)) is not None:
            fired = await self._batch(which, now)
            if fired is None:
                return False
            if fired == 0:
                idle.add(which)
        if step_s is None:
            return True
        async with transaction(self._engine, self._service, now) as tx:
            if not await _hold(tx):
                return False
            _tell(tx, self._service, now, step_s)
        return True

    async def _first(self, now: datetime, idle: set[int]) -> int | None:
        """The kind that is due first; one without a column is as soon as its turn comes."""
        asked: list[tuple[int, Column[Any]]] = []
        for n, timer in enumerate(self._timers):
            if n in idle:
                continue
            if timer.due is None:
                return n
            asked.append((n, timer.due))
        if not asked:
            return None
        earliest = [
            select(func.min(due)).where(due <= now).scalar_subquery().label(f"t{n}")
            for n, due in asked
        ]
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(*earliest))).one()
        due_at = {n: at for (n, _), at in zip(asked, row, strict=True) if at is not None}
        return min(due_at, key=lambda n: due_at[n], default=None)

    async def _batch(self, which: int, now: datetime) -> int | None:
        """Fire one batch of a kind; how many rows had their turn. None: another process fires."""
        timer, limit = self._timers[which], self._limits[which]
        front: str | None = None
        try:
            async with transaction(self._engine, self._service, now) as tx:
                if not await _hold(tx):
                    return None
                if limit == 1 and timer.due is not None:
                    front = await _front(tx.connection, timer.due, now)
                fired = await timer.fire(tx, limit)
        except Exception as error:
            if trouble.is_passing(error):
                raise
            if limit > 1:
                self._limits[which] = limit // 2 if timer.due is not None else 1
                _log.warning("%s failed, %d at once", timer.name, limit, exc_info=error)
                return 1
            return await self._park(which, front, now, error)
        self._limits[which] = min(2 * limit, AT_MOST)
        return fired

    async def _park(self, which: int, key: str | None, now: datetime, error: Exception) -> int:
        """Let the row whose timer raises wait; no row: these timers rest."""
        timer = self._timers[which]
        metrics.TIMERS_ASIDE.inc()
        if timer.due is None or key is None:
            self._resting[which] = monotonic() + REST_S
            _log.error("%s rest for %.0f s", timer.name, REST_S, exc_info=error)
            return 0
        until = now + PARKED
        async with self._engine.begin() as connection:
            await connection.execute(
                update(timer.due.table)
                .where(_key(timer.due) == key, timer.due <= now)
                .values({timer.due: until})
            )
        name = f"timer:{timer.name}/{key}"
        self.aside[name] = until
        _log.error(
            "a timer is set aside until %s", until.isoformat(), exc_info=error,
            extra={"event_id": name},
        )  # fmt: skip
        return 1


async def _front(connection: AsyncConnection, due: Column[Any], now: datetime) -> str | None:
    """The row that has been due longest, held: the one that fires when only one may."""
    key = _key(due)
    query = select(key).where(due <= now).order_by(due, key).limit(1)
    result = await connection.execute(query.with_for_update(skip_locked=True))
    return result.scalar_one_or_none()


def _key(due: Column[Any]) -> Any:
    (key,) = due.table.primary_key.columns
    return key


async def _hold(tx: Transaction) -> bool:
    return bool((await tx.connection.execute(_LOCK, {"lock": TIMER_LOCK})).scalar_one())


def _tell(tx: Transaction, service: str, now: datetime, step_s: float) -> None:
    for topic in produced_by(service):
        # ingest tells its telemetry topics itself; a topic that gates nobody's clock needs no time
        if topic.consumers and topic.clocked and not topic.sequenced:
            tx.emit_beacon(Beacon(at=now, origins=[service], step_s=step_s), topic.name)
