"""All lanes of a service in one process, and what looks after the effects of dead ones."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from shared import log, metrics
from shared.clock import Clock
from shared.db import trouble
from shared.effects import machine, rows
from shared.effects.kind import AnyKind
from shared.effects.lane import Lane
from shared.effects.rows import Change, Count
from shared.stream.transaction import planned

TEND_S = 5.0
AT_ONCE = 500
KEPT = timedelta(days=30)  # as long somebody may ask what became of an effect

_log = log.get("effects.runner")


class Runner:
    """One task of a service; several processes may run one each."""

    def __init__(self, engine: AsyncEngine, kinds: Sequence[AnyKind], clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._kinds = {kind.name: kind for kind in kinds}
        self._lanes = [Lane(engine, kind, clock) for kind in kinds]
        self._counts: Sequence[Count] = ()

    def wake(self, kinds: Collection[str] | None = None) -> None:
        """Something of these kinds was planned; None: of any."""
        for lane in self._lanes:
            if kinds is None or lane.kind.name in kinds:
                lane.wake()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes:
                group.create_task(lane.run(), name=f"effects {lane.kind.name}")
            group.create_task(self._tended(), name="effects tended")
            group.create_task(self._woken(), name="effects woken")

    async def drain(self) -> None:
        """Do what is due now, without waiting for what becomes due: tests, and an orderly end."""
        await self.tend()
        for lane in self._lanes:
            while await lane.take():
                await lane.finished()

    def facts(self) -> Mapping[str, str]:
        """What /readyz and `./playcaller status` tell of effects; empty: nothing to tell."""
        waiting = sum(count.waiting for count in self._counts)
        unknown = sum(count.unknown for count in self._counts)
        away = [lane for lane in self._lanes if lane.away_since is not None]
        said = [f"{waiting} waiting"] if waiting else []
        said += [
            f"nobody takes {lane.kind.name} since {lane.away_since:%H:%M:%SZ}" for lane in away
        ]
        told = {"effects": ", ".join(said)} if said else {}
        if unknown:
            told["effects_unknown"] = f"{unknown}: GET /v1/effects?state=unknown"
        return told

    async def tend(self) -> None:
        """Take over what dead processes left, count, and delete what is old."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            lapsed = await rows.lapsed(connection, list(self._kinds), AT_ONCE)
            after = [
                (effect, machine.lapse(effect, self._kinds[effect.kind].policy, now))
                for effect in lapsed
            ]
            await rows.write(connection, [Change(new, old.lease) for old, new in after])
        for old, new in after:
            outcome = machine.word(old, new)
            metrics.EFFECTS.labels(new.kind, outcome).inc()
            facts = {"effect": new.id, "kind": new.kind, "becomes": outcome}
            _log.warning("a process died and left an effect", extra=facts)
        async with self._engine.begin() as connection:
            await rows.prune(connection, now - KEPT)
            self._count(await rows.counts(connection), now)
        self.wake({effect.kind for effect in lapsed})

    def _count(self, counts: Sequence[Count], now: datetime) -> None:
        self._counts = counts
        seen = {count.kind: count for count in counts}
        for name in self._kinds:
            count = seen.get(name)
            late = None if count is None or count.due_at is None else now - count.due_at
            metrics.EFFECTS_WAITING.labels(name).set(0 if count is None else count.waiting)
            metrics.EFFECTS_UNKNOWN.labels(name).set(0 if count is None else count.unknown)
            metrics.EFFECTS_LATE.labels(name).set(max(late.total_seconds(), 0.0) if late else 0)

    async def _woken(self) -> None:
        """What a unit of work has planned is looked at as soon as it has committed."""
        planning = planned(self._engine)
        while True:
            self.wake(await planning.taken())

    async def _tended(self) -> None:
        while True:
            try:
                await self.tend()
            except Exception as error:
                if not trouble.is_passing(error):
                    raise
                _log.warning("effects wait for PostgreSQL", extra={"error": type(error).__name__})
            await asyncio.sleep(TEND_S)
