"""One kind's lane in one process: claims what is due, prepares, acts, settles."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from shared import ids, log, metrics
from shared.clock import Clock, monotonic
from shared.db import trouble
from shared.effects import machine, rows
from shared.effects.effect import (
    Accepted,
    Away,
    Deferred,
    Effect,
    NotNow,
    Outcome,
    Refused,
    Suppressed,
    Uncertain,
)
from shared.effects.kind import AnyKind
from shared.effects.rows import Change

LOOK_S = 2.0  # what another process has planned is seen within this time
RETRY_S = 1.0  # while PostgreSQL is away
AWAY_FIRST_S, AWAY_LONGEST_S = 1.0, 60.0  # while nobody takes this kind

T = TypeVar("T")
_log = log.get("effects")


class Lane:
    """Does the effects of one kind.

    Attributes:
        away_since: when the other side was found to be away; None: it is not.
    """

    def __init__(self, engine: AsyncEngine, kind: AnyKind, clock: Clock) -> None:
        self.kind = kind
        self.away_since: datetime | None = None
        self._engine = engine
        self._clock = clock
        self._acting: set[asyncio.Task[None]] = set()
        self._something = asyncio.Event()
        self._not_before_s = 0.0
        self._pause_s = 0.0

    def wake(self) -> None:
        """There may be something to do."""
        self._something.set()

    async def run(self) -> None:
        """Until cancelled; what has begun is brought to its end, for as long as an act may take."""
        try:
            while True:
                self._something.clear()
                if not await self.take():
                    await self._wait()
        finally:
            await self.finished(self.kind.policy.within.total_seconds())

    async def finished(self, within_s: float | None = None) -> None:
        """Until what has begun has ended."""
        if self._acting:
            await asyncio.wait(set(self._acting), timeout=within_s)

    async def take(self) -> bool:
        """Claim as much as there is room for and begin with it; False: nothing, or no room."""
        room = self._room()
        claimed = [] if room <= 0 else await self._patiently(lambda: self._claim(room))
        for effect in claimed:
            task = asyncio.create_task(self._do(effect), name=f"effect {effect.id}")
            self._acting.add(task)
            task.add_done_callback(self._done)
        return bool(claimed)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._acting.discard(task)
        self._something.set()
        if not task.cancelled() and task.exception() is not None:
            # its lease runs out, and then it is treated as one whose process died
            _log.error("an effect was left", exc_info=task.exception())

    def _room(self) -> int:
        """How many more may begin: while nobody is there to take them, one at a time asks."""
        if monotonic() < self._not_before_s:
            return 0
        most = 1 if self.away_since is not None else self.kind.policy.at_once
        return most - len(self._acting)

    async def _wait(self) -> None:
        seconds = max(self._not_before_s - monotonic(), 0.0) or LOOK_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._something.wait()

    async def _claim(self, room: int) -> list[Effect]:
        now = self._clock.now()
        async with self._engine.begin() as connection:
            due = await rows.due(connection, self.kind.name, room, now)
            after = [machine.claim(effect, ids.random_id(), now) for effect in due]
            changes = [Change(effect, None) for effect in after]
            await rows.write(connection, changes, self.kind.policy.lease)
        for before, effect in zip(due, after, strict=True):
            if effect.is_settled:
                self._tell(before, effect)
        return [effect for effect in after if not effect.is_settled]

    async def _do(self, effect: Effect) -> None:
        """Prepare, act, settle: one effect, whatever becomes of the others."""
        policy = self.kind.policy
        try:
            dispatched, ready = await self._patiently(lambda: self._prepare(effect), policy.lease)
        except Exception as error:
            if trouble.is_passing(error):
                raise  # its lease has run out, nothing has happened
            _log.exception("an effect cannot be prepared", extra={"effect": effect.id})
            await self._settle(effect, NotNow(type(error).__name__))
            return
        if dispatched is not None:
            await self._settle(dispatched, await self._act(dispatched, ready))

    async def _prepare(self, effect: Effect) -> tuple[Effect | None, Any]:
        """The dispatched effect and what its act needs; None: it is not to be done, or not by us."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            ready = await self.kind.prepare(connection, effect, now)
            match ready:
                case Suppressed():
                    after = machine.suppress(effect, ready, now)
                case Deferred():
                    after = machine.defer(effect, ready)
                case Refused():
                    after = machine.settle(effect, ready, self.kind.policy, now)
                case _:
                    after = machine.dispatch(effect)
            held = await rows.write(
                connection, [Change(after, effect.lease)], self.kind.policy.lease
            )
            if not held:
                await connection.rollback()  # another process has it by now
                return None, None
        if after.state != "dispatched":
            if after.is_settled:
                self._tell(effect, after)
            return None, None
        return after, ready

    async def _act(self, effect: Effect, ready: Any) -> Outcome:
        began = monotonic()
        try:
            async with asyncio.timeout(self.kind.policy.within.total_seconds()):
                return await self.kind.act(ready)
        except TimeoutError:
            return Uncertain("no_answer")
        except Exception as error:  # noqa: BLE001 - whatever it was, it may have happened
            _log.exception("an act failed", extra={"effect": effect.id, "kind": effect.kind})
            return Uncertain(type(error).__name__)
        finally:
            metrics.EFFECT_SECONDS.labels(self.kind.name).observe(monotonic() - began)

    async def _settle(self, effect: Effect, outcome: Outcome) -> None:
        """Write down what came of it; PostgreSQL may take its time, as long as we hold the lease."""
        self._note(outcome)
        after = machine.settle(effect, outcome, self.kind.policy, self._clock.now())

        async def save() -> int:
            async with self._engine.begin() as connection:
                return await rows.write(connection, [Change(after, effect.lease)])

        held = await self._patiently(save, self.kind.policy.lease)
        if held:
            self._tell(effect, after)
        else:
            _log.error("an effect's end came too late", extra={"effect": effect.id})

    def _note(self, outcome: Outcome) -> None:
        """Whether there is anybody to take this kind."""
        if isinstance(outcome, Away):
            if self.away_since is None:
                self.away_since = self._clock.now()
                _log.warning("%s: nobody takes them", self.kind.name, extra={"error": outcome.why})
            self._pause_s = min(max(2 * self._pause_s, AWAY_FIRST_S), AWAY_LONGEST_S)
            self._not_before_s = monotonic() + self._pause_s
        elif isinstance(outcome, Accepted):
            self.away_since, self._pause_s, self._not_before_s = None, 0.0, 0.0

    def _tell(self, before: Effect, after: Effect) -> None:
        outcome = machine.word(before, after)
        metrics.EFFECTS.labels(self.kind.name, outcome).inc()
        if outcome not in {"accepted", "suppressed"}:
            level = logging.WARNING if outcome == "again" else logging.ERROR
            facts = {"effect": after.id, "kind": after.kind, "why": after.why}
            _log.log(level, "an effect: %s", outcome, extra=facts)

    @staticmethod
    async def _patiently(work: Callable[[], Awaitable[T]], within: timedelta | None = None) -> T:
        """Do it as often as PostgreSQL does not let us, for so long. Raises its last error."""
        end_s = None if within is None else monotonic() + within.total_seconds()
        while True:
            try:
                return await work()
            except Exception as error:
                if not trouble.is_passing(error) or (end_s is not None and monotonic() > end_s):
                    raise
                _log.warning("effects wait for PostgreSQL", extra={"error": type(error).__name__})
                await asyncio.sleep(RETRY_S)
