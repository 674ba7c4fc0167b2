"""The run loop: poll, take what may be taken, apply topic by topic, fire what is due."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from aiokafka.errors import KafkaError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import log, metrics
from shared.clock import Clock, StreamClock, monotonic
from shared.db import inbox, ledger_rows, offsets, trouble
from shared.db.offsets import FenceLost, Partition, Position
from shared.stream import apply, simulated_time
from shared.stream.apply import Handle
from shared.stream.batch import Batch, take
from shared.stream.batches import Batches
from shared.stream.source import Source
from shared.stream.timers import Timer, Timers

POLL_MS = 200
TIMERS_EVERY_S = 1.0
GATHER_S = 1.5  # between rounds through history, so that a stream's row is written once for several
HISTORY_STEP_S = 600.0  # steps this long are history being played, not a fleet alive
COMMIT_EVERY_S = 1.0
PRUNE_EVERY_S = 3600.0
GAPS_EVERY_S = 600.0  # reads the whole ledger
GAPS_WITHIN = timedelta(days=1)
BACKOFF_S = (0.2, 10.0)

_log = log.get("stream.consumer")


class Consumer:
    """Applies the topics of one service, each event once, for as long as the process lives.

    Attributes:
        waiting: what is being waited for, in words (`postgres`: since when), for /readyz.
    """

    def __init__(
        self,
        source: Source,
        engine: AsyncEngine,
        clock: Clock,
        handlers: Mapping[str, Handle],
        timers: Sequence[Timer] = (),
    ) -> None:
        self.source = source
        self.waiting: dict[str, float] = {}
        self._service = source.group
        self._engine = engine
        self._clock = clock
        self._handlers = handlers
        self._timers = Timers(engine, source.group, timers)
        self._batches = Batches(source, engine, clock, handlers)
        self._stopping = asyncio.Event()
        self._others: dict[Partition, Position] = {}
        self._fired: datetime | None = None
        self._next_fire = 0.0
        self._next_commit = 0.0
        self._next_prune = monotonic() + PRUNE_EVERY_S
        self._next_gaps = monotonic() + GAPS_EVERY_S
        self._fragmented: list[str] = []

    def facts(self) -> dict[str, str]:
        """What an operator should see at `/readyz` beside what is waited for."""
        gone = self._batches.rate.last_hour(monotonic())
        said = {"quarantine": f"{gone} records in the last hour"} if gone else {}
        if self._timers.waiting:
            said["timers"] = f"{self._timers.waiting} set aside: see the log"
        if self._fragmented:
            said["fragmented_seq"] = (  # anybody may read this: the log has the names
                f"{len(self._fragmented)} sources with more than {ledger_rows.MANY_GAPS} gaps in a day"
            )
        return said

    def stop(self) -> None:
        """End after the batch in hand."""
        self._stopping.set()

    async def run(self) -> None:
        """Consume until `stop`; waits out Kafka and PostgreSQL, and nothing is lost by it."""
        await self.source.start()
        try:
            while not self._stopping.is_set():
                await self._patiently(self._round)
        finally:
            await self.source.stop()

    async def _round(self) -> None:
        began = monotonic()
        await self.source.renew()
        await self.source.adopt()
        await self.source.poll(0 if self.has_work() else POLL_MS)
        await self._refresh_others()
        quiet: list[Batch] = []
        epoch = self.source.epoch
        for topic in self._handlers:
            await self._topic(topic, quiet)
        if quiet:
            await self._pass(quiet, epoch)
        await self._time()
        if monotonic() >= self._next_commit:
            self._next_commit = monotonic() + COMMIT_EVERY_S
            await self.source.commit()
        if self._plays_history() and not self.has_work():
            with contextlib.suppress(TimeoutError):
                rest = began + GATHER_S - monotonic()
                async with asyncio.timeout(max(0.0, rest)):
                    await self._stopping.wait()

    def _plays_history(self) -> bool:
        steps = (p.step_s or 0.0 for p in self.source.positions.values())
        return isinstance(self._clock, StreamClock) and max(steps, default=0.0) >= HISTORY_STEP_S

    def has_work(self) -> bool:
        """Whether records are held that may be applied now."""
        until = self._until()
        return any(
            held and not self._ahead(self.source.positions[place], until)
            for place, held in self.source.buffers.items()
        )

    @staticmethod
    def _ahead(position: Position, until: datetime | None) -> bool:
        return until is not None and position.simulated is not None and position.simulated > until

    def _until(self) -> datetime | None:
        if not isinstance(self._clock, StreamClock):
            return None
        return simulated_time.horizon({**self._others, **self.source.positions}.values())

    async def _refresh_others(self) -> None:
        """With simulated time: where the partitions of other processes stand."""
        if not isinstance(self._clock, StreamClock):
            return
        if len(self.source.positions) < len(self._others) or not self._others:
            async with self._engine.begin() as connection:
                self._others = await offsets.read(connection)

    def _take(self, topic: str) -> Batch:
        work, until = Batch(topic), self._until()
        for place, held in self.source.buffers.items():
            if place[0] == topic and held:
                room = self._batches.limit(topic) - work.size
                take(work, self.source.positions[place], held, until=until, limit=room)
        return work

    async def _topic(self, topic: str, quiet: list[Batch]) -> None:
        async with self.source.applying:
            work = self._take(topic)
            if work.size == 0:
                if work.moves:
                    quiet.append(work)
                return
            began = monotonic()
            await self._batches.apply(work, self._until())
            metrics.BATCHES.inc()
            metrics.BATCH_SECONDS.observe(monotonic() - began)

    async def _pass(self, quiet: list[Batch], epoch: int) -> None:
        """Move past beacons of topics on which nothing else came: one transaction for all."""
        async with self.source.applying:
            if epoch != self.source.epoch:
                return
            moves = [move for work in quiet for move in work.moves]
            try:
                await apply.move_on(self._engine, moves)
            except FenceLost:
                metrics.FENCE_LOST.inc()
                self.source.reread()
                return
            self.source.applied(position for _, position in moves)

    async def _time(self) -> None:
        """Move the clock, fire what is due, tell our own topics."""
        now = await self._watermark()
        if now is None:
            return
        self._next_fire = monotonic() + TIMERS_EVERY_S
        simulated = isinstance(self._clock, StreamClock)
        step_s = max((p.step_s or 0.0 for p in self.source.positions.values()), default=0.0)
        done = await self._timers.fire(now, step_s if simulated else None)
        if done:
            self._fired = now
        metrics.CLOCK.set(now.timestamp())
        if monotonic() >= self._next_prune:
            self._next_prune = monotonic() + PRUNE_EVERY_S
            await self._prune(now)
        if monotonic() >= self._next_gaps:
            self._next_gaps = monotonic() + GAPS_EVERY_S
            await self._look_for_gaps(now)

    async def _look_for_gaps(self, now: datetime) -> None:
        """Name sources whose numbers are full of holes: each costs time at every batch."""
        async with self._engine.connect() as connection:
            fragmented = await ledger_rows.fragmented(connection, now - GAPS_WITHIN)
        if set(fragmented) - set(self._fragmented):
            _log.warning(
                "fragmented_seq", extra={"sources": fragmented[:10], "count": len(fragmented)}
            )
        self._fragmented = fragmented
        metrics.FRAGMENTED.set(len(fragmented))

    async def _prune(self, now: datetime) -> None:
        """Forget ids that no record can repeat any more."""
        gone = inbox.PRUNED_AT_ONCE
        while gone == inbox.PRUNED_AT_ONCE:
            async with self._engine.begin() as connection:
                gone = await inbox.prune(connection, now - inbox.KEPT)

    async def _watermark(self) -> datetime | None:
        """Up to when timers may fire: all that was sent before has been applied. None: not now.

        With the stream clock the minimum over all partitions that have rows, read or not.
        """
        if isinstance(self._clock, StreamClock):
            now = simulated_time.clock_of({**self._others, **self.source.positions})
            if now is None or now == self._fired:
                return None
            self._clock.advance(now)
            return now
        if monotonic() < self._next_fire:
            return None
        return await self.source.caught_up_to(self._clock.now())

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run a step; while a server is away wait and say so, then look at everything anew."""
        began, wait, said = monotonic(), BACKOFF_S[0], 0.0
        while not self._stopping.is_set():
            try:
                await step()
            except KafkaError as error:
                server, why = "Kafka", error
            except Exception as error:
                if not trouble.is_passing(error):
                    raise
                if trouble.is_contention(error):
                    _log.info("a lock was not to be had; again", exc_info=error)
                    await asyncio.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - jitter
                    continue
                server, why = "PostgreSQL", error
            else:
                if self.waiting:
                    _log.info("back after %.0f s", monotonic() - began)
                    self.waiting.clear()
                return
            self.waiting = {server.lower(): began}
            if monotonic() - said >= BACKOFF_S[1] or said == 0.0:
                said = monotonic()
                _log.warning(
                    "waiting for %s, %.0f s", server, monotonic() - began,
                    extra={"error": type(why).__name__, "detail": str(why)[:200]},
                )  # fmt: skip
            await asyncio.sleep(random.uniform(0.1, wait))  # noqa: S311 - jitter
            wait = min(wait * 2, BACKOFF_S[1])
            self.source.reread()
