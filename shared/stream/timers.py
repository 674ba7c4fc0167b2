"""Timers fire once, whoever runs: one process at a time, each call in its own transaction."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.events import Beacon
from shared.events.topics import produced_by
from shared.stream.transaction import Transaction, transaction

Fire = Callable[[Transaction], Awaitable[int]]

TIMER_LOCK = 7_001  # advisory, of the service's own database
_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock)")


async def fire(
    engine: AsyncEngine,
    service: str,
    fires: Sequence[Fire],
    now: datetime,
    step_s: float | None,
) -> bool:
    """Fire everything due at `now`; with simulated time then tell our topics how far we are.

    Args:
        fires: each does at most a few hundred timers a call and returns how many.
        step_s: length of a simulated step, seconds; None with the wall's clock.
    Returns: False when another process holds the timers: it does the work.
    """
    while True:
        async with transaction(engine, service, now) as tx:
            held = (await tx.connection.execute(_LOCK, {"lock": TIMER_LOCK})).scalar_one()
            if not held:
                return False
            fired = 0
            for one in fires:
                fired += await one(tx)
            if fired == 0:
                if step_s is not None:
                    _tell(tx, service, now, step_s)
                return True


def _tell(tx: Transaction, service: str, now: datetime, step_s: float) -> None:
    for topic in produced_by(service):
        # ingest tells its telemetry topics itself; a topic that gates nobody's clock needs no time
        if topic.consumers and topic.clocked and not topic.sequenced:
            tx.emit_beacon(Beacon(at=now, origins=[service], step_s=step_s), topic.name)
