"""Timers fire once, whoever runs: one process at a time, each call in its own transaction."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import log, metrics
from shared.clock import monotonic
from shared.db import trouble
from shared.events import Beacon
from shared.events.topics import produced_by
from shared.stream import culprit
from shared.stream.transaction import Transaction, transaction

Fire = Callable[[Transaction], Awaitable[int]]

TIMER_LOCK = 7_001  # advisory, of the service's own database
ATTEMPTS = 3  # of timers that raise, before the one that does is looked for
REST_S = 60.0  # of timers that raise whatever is due
_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock)")

_log = log.get("stream.timers")


class Timers:
    """What a service does when time has come; one that cannot fire keeps no other from it.

    Attributes:
        aside: rows whose timer raised, by table and key, and until when they wait.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        service: str,
        fires: Sequence[Fire],
        due: Sequence[Column[Any]] = (),
    ) -> None:
        """Take what fires.

        Args:
            fires: each does at most a few hundred timers a call and returns how many.
            due: the columns that say when a row's timer is due.
        """
        self.aside: dict[str, datetime] = {}
        self._engine = engine
        self._service = service
        self._fires = tuple(fires)
        self._due = tuple(due)
        self._resting: dict[int, float] = {}

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
        failures: dict[int, int] = {}
        while True:
            which = -1
            try:
                async with transaction(self._engine, self._service, now) as tx:
                    if not await _hold(tx):
                        return False
                    fired = 0
                    for which, one in enumerate(self._fires):
                        if which not in self._resting:
                            fired += await one(tx)
                    if fired == 0:
                        if step_s is not None:
                            _tell(tx, self._service, now, step_s)
                        return True
            except Exception as error:
                if trouble.is_passing(error) or which < 0:
                    raise
                failures[which] = failures.get(which, 0) + 1
                _log.warning("timers %d failed, attempt %d", which, failures[which], exc_info=error)
                if failures[which] >= ATTEMPTS:
                    await self._set_aside(which, now, error)

    async def _set_aside(self, which: int, now: datetime, error: Exception) -> None:
        """Find the row whose timer raises and let it wait; no row: these timers rest."""
        found = await culprit.find(self._engine, self._service, self._fires[which], self._due, now)
        metrics.TIMERS_ASIDE.inc()
        if found is None:
            self._resting[which] = monotonic() + REST_S
            _log.error("timers %d rest for %.0f s", which, REST_S, exc_info=error)
            return
        until = await culprit.postpone(self._engine, found, now)
        self.aside[found.name] = until
        _log.error(
            "a timer is set aside until %s", until.isoformat(), exc_info=error,
            extra={"event_id": found.name},
        )  # fmt: skip


async def _hold(tx: Transaction) -> bool:
    return bool((await tx.connection.execute(_LOCK, {"lock": TIMER_LOCK})).scalar_one())


def _tell(tx: Transaction, service: str, now: datetime, step_s: float) -> None:
    for topic in produced_by(service):
        # ingest tells its telemetry topics itself; a topic that gates nobody's clock needs no time
        if topic.consumers and topic.clocked and not topic.sequenced:
            tx.emit_beacon(Beacon(at=now, origins=[service], step_s=step_s), topic.name)
