"""One kind's lane in one process: claims what is due, prepares, acts, settles."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
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
    Effect,
    NotNow,
    Outcome,
    Uncertain,
)
from shared.effects.kind import AnyKind
from shared.effects.rows import Change
from shared.halving import in_halves

LOOK_S = 2.0  # what another process has planned is seen within this time
RETRY_S = 1.0  # while PostgreSQL is away
AWAY_FIRST_S, AWAY_LONGEST_S = 1.0, 60.0  # while nobody takes this kind
NOT_BEGUN, NOBODY = UNTRIED = "not_begun", "nobody_takes_it"  # given back

T = TypeVar("T")
_log = log.get("effects")


class Lane:
    """Does the effects of one kind: claimed and prepared in batches, done one by one.

    Attributes:
        away_since: when the other side was found to be away; None: it is not.
    """

    def __init__(self, engine: AsyncEngine, kind: AnyKind, clock: Clock) -> None:
        self.kind = kind
        self.away_since: datetime | None = None
        self._engine = engine
        self._clock = clock
        self._acting = asyncio.Semaphore(kind.policy.at_once)
        self._batches: set[asyncio.Task[None]] = set()
        self._taken = 0  # effects that have been claimed and not ended
        self._alone = False  # what is taken is one that a process died with
        self._ending = False
        self._left = False  # there was no room for all that is due
        self._something = asyncio.Event()
        self._not_before_s = 0.0
        self._pause_s = 0.0

    def wake(self) -> None:
        """There may be something to do."""
        self._something.set()

    async def run(self) -> None:
        """Until cancelled; acts that have begun are brought to their end, for as long as one may take."""
        try:
            while True:
                self._something.clear()
                if not await self.take() or not self._left:
                    await self._wait()
        finally:
            self._ending = True
            await self.finished(self.kind.policy.within.total_seconds())

    async def finished(self, within_s: float | None = None) -> None:
        """Until what has begun has ended."""
        if self._batches:
            await asyncio.wait(set(self._batches), timeout=within_s)

    async def take(self) -> bool:
        """Claim as much as there is room for and begin with it; False: nothing, or no room."""
        room = self._room()
        self._left = room <= 0
        claimed = [] if room <= 0 else await self._patiently(lambda: self._claim(room))
        if claimed:
            self._taken += len(claimed)
            self._alone = claimed[0].why == machine.DIED
            batch = asyncio.create_task(self._do(claimed), name=f"effects {self.kind.name}")
            self._batches.add(batch)
            batch.add_done_callback(self._done)
        return bool(claimed)

    def _done(self, batch: asyncio.Task[None]) -> None:
        self._batches.discard(batch)
        if not batch.cancelled() and batch.exception() is not None:
            # their leases run out, and then they are treated as those of a process that died
            _log.error("effects were left", exc_info=batch.exception())

    def _room(self) -> int:
        """How many more may begin: while nobody is there to take them, one at a time asks.

        Half a batch at least, where batches are larger than what is done at once: many small ones
        would cost what they are there to save.
        """
        if monotonic() < self._not_before_s or (self._alone and self._taken):
            return 0
        policy = self.kind.policy
        if self.away_since is not None:
            return 1 - self._taken
        room = policy.room - self._taken
        return room if room > (policy.room - policy.at_once) // 2 else 0

    async def _wait(self) -> None:
        seconds = max(self._not_before_s - monotonic(), 0.0) or LOOK_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._something.wait()

    async def _claim(self, room: int) -> list[Effect]:
        now = self._clock.now()
        async with self._engine.begin() as connection:
            there = await rows.due(connection, self.kind.name, room, now)
            due = self._apart(there)
            self._left = len(there) == room or len(due) < len(there)
            after = [machine.claim(effect, ids.random_id(), now) for effect in due]
            changes = [Change(effect, None) for effect in after]
            await rows.write(connection, changes, self.kind.policy.lease)
        for before, effect in zip(due, after, strict=True):
            if effect.is_settled:
                self._tell(before, effect)
        return [effect for effect in after if not effect.is_settled]

    def _apart(self, due: list[Effect]) -> list[Effect]:
        """What a process died with is taken alone: if it kills another one, no other dies with it."""
        if due and due[0].why == machine.DIED:
            return [] if self._taken else due[:1]
        return list(itertools.takewhile(lambda effect: effect.why != machine.DIED, due))

    async def _do(self, claimed: Sequence[Effect]) -> None:
        """Prepare, act, settle: each effect, whatever becomes of the others."""
        left = len(claimed)
        try:
            ready = await self._prepared(claimed)
            self._end(left - len(ready))
            left = len(ready)
            begun_by_s = monotonic() + self.kind.policy.patience.total_seconds()
            acts = {
                asyncio.create_task(self._in_turn(effect, what, begun_by_s), name=effect.id)
                for effect, what in ready
            }
            while acts:  # what ends while others are written down is written down together
                ended, acts = await asyncio.wait(acts, return_when=asyncio.FIRST_COMPLETED)
                await self._settle([act.result() for act in ended])
                self._end(len(ended))
                left -= len(ended)
        finally:
            self._end(left)

    def _end(self, count: int) -> None:
        self._taken -= count
        if self._left:
            self._something.set()

    async def _prepared(self, claimed: Sequence[Effect]) -> list[tuple[Effect, Any]]:
        """Those that are to be done, with what their acts need; one that fails harms no other."""
        ready: list[tuple[Effect, Any]] = []

        async def settle(part: Sequence[Effect]) -> bool:
            try:
                ready.extend(
                    await self._patiently(lambda: self._prepare(part), self.kind.policy.lease)
                )
            except Exception as error:
                if trouble.is_passing(error):
                    raise  # their leases have run out, nothing has happened
                if len(part) > 1:
                    return False
                _log.exception("an effect cannot be prepared", extra={"effect": part[0].id})
                await self._settle([(part[0], NotNow(type(error).__name__))])
            return True

        if not await settle(claimed):
            await in_halves(claimed, settle)
        return ready

    async def _prepare(self, claimed: Sequence[Effect]) -> list[tuple[Effect, Any]]:
        """The dispatched effects and what their acts need; none that is not to be done, or not by us."""
        now, policy = self._clock.now(), self.kind.policy
        async with self._engine.begin() as connection:
            ready = await self.kind.prepare(connection, claimed, now)
            after = [machine.prepared(effect, ready[effect.id], policy, now) for effect in claimed]
            changes = [Change(new, old.lease) for old, new in zip(claimed, after, strict=True)]
            held = await rows.write(connection, changes, policy.lease)
            if len(held) < len(claimed):
                await connection.rollback()  # another process has some by now
        if len(held) < len(claimed):
            still = [effect for effect in claimed if effect.id in held]
            return await self._prepare(still) if still else []
        for old, new in zip(claimed, after, strict=True):
            if new.is_settled:
                self._tell(old, new)
        return [(new, ready[new.id]) for new in after if new.state == "dispatched"]

    async def _in_turn(
        self, effect: Effect, ready: Any, begun_by_s: float
    ) -> tuple[Effect, Outcome]:
        """Act when there is room; what has not begun when nobody is there to take it goes back."""
        async with self._acting:
            if self._ending or monotonic() > begun_by_s:
                return effect, Away(NOT_BEGUN)
            if self._not_before_s > monotonic():
                return effect, Away(NOBODY)
            outcome = await self._act(effect, ready)
            self._note(outcome)
            return effect, outcome

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

    async def _settle(self, ended: Sequence[tuple[Effect, Outcome]]) -> None:
        """Write down what came of them; PostgreSQL may take its time, as long as we hold the leases."""
        now, policy = self._clock.now(), self.kind.policy
        changes = [
            Change(machine.settle(effect, outcome, policy, now), effect.lease)
            for effect, outcome in ended
        ]

        async def save() -> set[str]:
            async with self._engine.begin() as connection:
                return await rows.write(connection, changes)

        held = await self._patiently(save, policy.lease)
        for (effect, _), (after, _) in zip(ended, changes, strict=True):
            if after.id in held:
                self._tell(effect, after)
            else:
                _log.error("an effect's end came too late", extra={"effect": effect.id})

    def _note(self, outcome: Outcome) -> None:
        """Whether there is anybody to take this kind."""
        if isinstance(outcome, Away):
            if self.away_since is None:
                self.away_since = self._clock.now()
                _log.warning("%s: nobody takes them", self.kind.name, extra={"error": outcome.why})
            if monotonic() >= self._not_before_s:  # acts that went out together have asked once
                self._pause_s = min(max(2 * self._pause_s, AWAY_FIRST_S), AWAY_LONGEST_S)
                self._not_before_s = monotonic() + self._pause_s
        elif isinstance(outcome, Accepted):
            self.away_since, self._pause_s, self._not_before_s = None, 0.0, 0.0

    def _tell(self, before: Effect, after: Effect) -> None:
        outcome = machine.word(before, after)
        metrics.EFFECTS.labels(self.kind.name, outcome).inc()
        if outcome not in {"accepted", "suppressed"} and after.why not in UNTRIED:
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
