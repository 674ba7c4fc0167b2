"""Batches are applied whole; one that fails is halved or taken apart, until it is clear what fails."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from shared import log, metrics
from shared.clock import Clock, monotonic
from shared.db import trouble
from shared.db.offsets import FenceLost
from shared.errors import Unprocessable
from shared.stream import apply
from shared.stream.apply import Handle, TooMuchPoison
from shared.stream.batch import Batch, take, whose
from shared.stream.rate import HEARD, Rate
from shared.stream.source import Source

BATCH = 5_000  # records of one topic in one transaction
ATTEMPTS = 3  # of a batch that fails for an unknown reason, before it is taken apart
TIME_OUTS = 3  # of a batch, before it is halved
POISON = "records of many sources were set aside: see the log"

_log = log.get("stream.batches")


class Batches:
    """What the run loop does with a batch of one topic.

    Attributes:
        rate: what was set aside, and of whom.
    """

    def __init__(
        self, source: Source, engine: AsyncEngine, clock: Clock, handlers: Mapping[str, Handle]
    ) -> None:
        self.rate = Rate()
        self._source = source
        self._service = source.group
        self._engine = engine
        self._clock = clock
        self._handlers = handlers
        self._limits: dict[str, int] = {}
        self._time_outs: dict[str, int] = {}

    def limit(self, topic: str) -> int:
        """How many records of a topic to take: fewer after time-outs."""
        return self._limits.get(topic, BATCH)

    async def apply(self, work: Batch, until: datetime | None) -> None:
        """Apply it, whole or record by record; what a server refuses for now is raised.

        Args:
            until: simulated time at which partitions have to wait.
        """
        epoch = self._source.epoch
        for attempt in range(1, ATTEMPTS + 1):
            if epoch != self._source.epoch:
                return
            try:
                await self._transact(work)
            except TooMuchPoison as error:
                self._stop(error)
                return
            except FenceLost:
                metrics.FENCE_LOST.inc()
                _log.warning("another process has moved a partition of %s on", work.topic)
                self._source.reread()
                return
            except Exception as error:
                if self._weigh(work, error):
                    await self._set_aside(work, error)
                    return
                if trouble.is_passing(error):
                    raise
                _log.warning(
                    "a batch of %s failed, attempt %d", work.topic, attempt, exc_info=error
                )
                if attempt == ATTEMPTS or isinstance(error, Unprocessable):
                    await self._one_by_one(work.topic, until)
                    return
            else:
                self._source.applied(position for _, position in work.moves)
                self._grow(work.topic)
                return

    def _weigh(self, work: Batch, error: Exception) -> bool:
        """After TIME_OUTS of a batch take half of it; True: it is one record, and at fault."""
        if not trouble.is_timed_out(error):
            return False
        topic = work.topic
        self._time_outs[topic] = self._time_outs.get(topic, 0) + 1
        if self._time_outs[topic] < TIME_OUTS:
            return False
        self._time_outs[topic] = 0
        if work.size <= 1:
            return True
        self._limits[topic] = max(1, min(work.size, self.limit(topic)) // 2)
        _log.warning("a batch of %s timed out: %d records next", topic, self._limits[topic])
        return False

    def _grow(self, topic: str) -> None:
        self._time_outs.pop(topic, None)
        if topic in self._limits:
            self._limits[topic] *= 2
            if self._limits[topic] >= BATCH:
                del self._limits[topic]

    async def _transact(self, work: Batch) -> None:
        """One batch, one transaction; what is set aside is weighed in it, and noted after it."""
        gone = await apply.apply(
            self._engine, self._service, work, self._handlers[work.topic], self._clock.now(),
            lambda rows: self.rate.exceeded(work.topic, (r.whose for r in rows), monotonic()),
        )  # fmt: skip
        newest = work.events[-HEARD:]
        self.rate.applied(
            work.topic, [whose(received.event, record) for received, record in newest]
        )
        if gone:
            self.rate.set_aside(work.topic, [row.whose for row in gone], monotonic())

    def _stop(self, error: TooMuchPoison) -> None:
        for place in error.places:
            self._source.stop_partition(place, "too_much_poison", POISON)

    async def _one_by_one(self, topic: str, until: datetime | None) -> None:
        """Some record of the batch is poison: find it, set it aside, apply all others."""
        for place in [p for p in self._source.buffers if p[0] == topic]:
            records = list(self._source.buffers.get(place, ()))[: self.limit(topic)]
            for record in records:
                work = Batch(topic)
                position = self._source.positions.get(place)
                if position is None:
                    break
                if take(work, position, [record], until=until, limit=1) == 0:
                    break
                if not await self._one(work):
                    break

    async def _one(self, work: Batch) -> bool:
        try:
            await self._transact(work)
        except TooMuchPoison as error:
            self._stop(error)
            return False
        except FenceLost:
            self._source.reread()
            return False
        except Exception as error:
            if trouble.is_passing(error):
                raise
            return await self._set_aside(work, error)
        self._source.applied(position for _, position in work.moves)
        return True

    async def _set_aside(self, work: Batch, error: Exception) -> bool:
        """Put the one record into quarantine; False: it is one too many."""
        reason = error.reason if isinstance(error, Unprocessable) else type(error).__name__
        rows, now = apply.poison(work, reason, str(error)), monotonic()
        _log.error("set aside: %s", reason, exc_info=error, extra={"event_id": rows[0].id})
        sources = [row.whose for row in rows]
        if self.rate.exceeded(work.topic, sources, now):
            self._stop(TooMuchPoison(rows))
            return False
        await apply.set_aside(self._engine, self._service, work, rows, self._clock.now())
        self.rate.set_aside(work.topic, sources, now)
        self._source.applied(position for _, position in work.moves)
        return True
