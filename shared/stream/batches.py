"""Batches are applied whole; one that fails is halved until it is clear what fails."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from aiokafka import ConsumerRecord
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import log, metrics
from shared.clock import Clock, monotonic
from shared.db import trouble
from shared.db.offsets import FenceLost
from shared.errors import Unprocessable
from shared.halving import in_halves
from shared.stream import apply
from shared.stream.apply import Handle, TooMuchPoison
from shared.stream.batch import Batch, take, whose
from shared.stream.rate import HEARD, Rate
from shared.stream.source import Source

BATCH = 5_000  # records of one topic in one transaction
ATTEMPTS = 3  # of a batch that fails for an unknown reason, before it is halved
TIME_OUTS = 3  # of a batch, before half of it is taken
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
        """Apply it, whole or half by half; what a server refuses for now is raised.

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
                    await in_halves(
                        self._records(work),
                        lambda some: self._part(
                            self._taken(work.topic, some, until), len(some) == 1
                        ),
                    )
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

    def _records(self, work: Batch) -> list[ConsumerRecord]:
        """What a batch was made of, as the buffers still hold it, partition after partition."""
        return [
            record
            for _, after in work.moves
            for record in self._source.buffers.get(after.key, ())
            if record.offset < after.next_offset
        ]

    def _taken(
        self, topic: str, records: Sequence[ConsumerRecord], until: datetime | None
    ) -> Batch:
        """These as a batch, without partitions that stand before them or are no longer ours."""
        work = Batch(topic)
        for place, group in groupby(records, key=lambda r: (r.topic, r.partition)):
            some, held = list(group), self._source.buffers.get(place)
            position = self._source.positions.get(place)
            if position is not None and held and held[0].offset == some[0].offset:
                take(work, position, some, until=until, limit=len(some))
        return work

    async def _part(self, work: Batch, is_one: bool) -> bool:
        """Part of a batch that has failed; False: some record of it is poison."""
        try:
            if work.moves:
                await self._transact(work)
        except FenceLost:
            self._source.reread()
            return True
        except TooMuchPoison as error:
            if is_one:
                self._stop(error)
            return False
        except Exception as error:
            if trouble.is_passing(error):
                raise
            if is_one:
                await self._set_aside(work, error)
            return False
        self._source.applied(position for _, position in work.moves)
        return True

    async def _set_aside(self, work: Batch, error: Exception) -> None:
        """Put the one record into quarantine, or stop its partition: it is one too many."""
        reason = error.reason if isinstance(error, Unprocessable) else type(error).__name__
        rows, now = apply.poison(work, reason, str(error)), monotonic()
        _log.error("set aside: %s", reason, exc_info=error, extra={"event_id": rows[0].id})
        sources = [row.whose for row in rows]
        if self.rate.exceeded(work.topic, sources, now):
            self._stop(TooMuchPoison(rows))
            return
        await apply.set_aside(self._engine, self._service, work, rows, self._clock.now())
        self.rate.set_aside(work.topic, sources, now)
        self._source.applied(position for _, position in work.moves)
