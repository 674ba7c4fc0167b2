"""The Kafka side of a consumer: assignment, buffers, offsets from our database, the log check."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from sqlalchemy.ext.asyncio import AsyncEngine
from typing_extensions import override

from shared import log, metrics
from shared.clock import monotonic
from shared.db import offsets
from shared.db.offsets import Place, Position
from shared.stream import log_check
from shared.stream.cluster import Where, options, refuse_for_good

BUFFER = 4_000  # records held per partition; more are not asked for
POLL = 8_000  # records a poll returns at the most
FETCH_WAIT_MS = 100  # also how long a drained partition waits behind others' empty fetch
REVOKE_S = 20.0
COMMIT_S = 5.0
STOP_S = 15.0

_log = log.get("stream.source")


class Source(ConsumerRebalanceListener):  # type: ignore[misc]
    """Records of the partitions this process was given, from where our database says.

    Attributes:
        positions: where each partition stands, as last committed in our database.
        buffers: records read and not yet applied.
        stopped: partitions that must not be read on, and why.
        applying: held while a batch is applied, so that a revocation waits for it.
        epoch: changes with every assignment; work begun in another one is not applied.
    """

    def __init__(
        self, group: str, topics: Sequence[str], kafka: Where, engine: AsyncEngine,
        session_s: float = 45.0,
    ) -> None:  # fmt: skip
        self.group = group
        self.topics = tuple(topics)
        self.positions: dict[Place, Position] = {}
        self.buffers: dict[Place, deque[ConsumerRecord]] = {}
        self.stopped: dict[Place, str] = {}
        self.applying = asyncio.Lock()
        self.epoch = 0
        self._kafka = kafka
        self._engine = engine
        self._session_s = session_s
        self._fresh: set[Place] = set()
        self._uncommitted: set[Place] = set()
        self._consumer: AIOKafkaConsumer | None = None

    @property
    def consumer(self) -> AIOKafkaConsumer:
        """The consumer, once started."""
        assert self._consumer is not None  # noqa: S101 - `start` comes first
        return self._consumer

    async def start(self) -> None:
        """Join the group; waits for Kafka as long as it takes, with a line in the log.

        Raises: BadSettings: Kafka refuses our password, or is not who it should be.
        """
        began, wait = monotonic(), 0.2
        while True:
            consumer = AIOKafkaConsumer(
                **options(self._kafka),
                group_id=self.group,
                client_id=self.group,
                enable_auto_commit=False,
                auto_offset_reset="none",
                isolation_level="read_committed",
                session_timeout_ms=int(self._session_s * 1000),
                heartbeat_interval_ms=int(min(3.0, self._session_s / 3) * 1000),
                rebalance_timeout_ms=60_000,
                # a long database outage must not cost the membership: liveness is watched by lag
                max_poll_interval_ms=3_600_000,
                fetch_max_wait_ms=FETCH_WAIT_MS,
                metadata_max_age_ms=10_000,  # how soon a deleted or moved topic is noticed
            )
            self._consumer = consumer  # the first assignment comes before `start` returns
            consumer.subscribe(self.topics, listener=self)
            try:
                await consumer.start()
            except (KafkaError, OSError) as error:
                await consumer.stop()
                await refuse_for_good(self._kafka)
                _log.warning(
                    "waiting for Kafka at %s, %.0f s", self._kafka, monotonic() - began,
                    extra={"error": type(error).__name__},
                )  # fmt: skip
                await asyncio.sleep(wait)
                wait = min(wait * 2, 10.0)
            else:
                return

    async def stop(self) -> None:
        """Tell outside tools where we are and leave the group, bounded."""
        if self._consumer is None:
            return
        await self.commit()
        try:
            await asyncio.wait_for(self._consumer.stop(), STOP_S)
        except TimeoutError:
            _log.warning("the consumer did not stop within %.0f s", STOP_S)

    @override
    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Pause before anything else: aiokafka fetches already while this runs (M14)."""
        places = list(assigned)
        self.consumer.pause(*places)
        for tp in places:
            self.consumer.seek(tp, 0)
        self.epoch += 1
        self._forget(list(self.positions))
        self._fresh = {(tp.topic, tp.partition) for tp in places}

    @override
    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let the batch in hand end; what comes after it belongs to another process."""
        self.epoch += 1
        try:
            await asyncio.wait_for(self.applying.acquire(), REVOKE_S)
            self.applying.release()
        except TimeoutError:
            _log.warning("a batch outlived its assignment; the fence will stop it")
        self._forget([(tp.topic, tp.partition) for tp in revoked])

    def _forget(self, places: Iterable[Place]) -> None:
        for place in places:
            self.positions.pop(place, None)
            self.buffers.pop(place, None)
            self._fresh.discard(place)
            self._uncommitted.discard(place)

    async def adopt(self) -> None:
        """Begin reading newly assigned partitions where our database says, after the log check."""
        fresh, epoch = sorted(self._fresh), self.epoch
        if not fresh:
            return
        held = await self._positions(fresh)
        wrong = await log_check.check(self._kafka, [held[place] for place in fresh])
        if epoch != self.epoch:
            return
        for place in fresh:
            self._fresh.discard(place)
            if place in wrong:
                self.stop_partition(place, "log_diverged", wrong[place])
                continue
            self.stopped.pop(place, None)
            self.positions[place] = held[place]
            self.buffers[place] = deque()
            self.consumer.seek(TopicPartition(*place), held[place].next_offset)
            self.consumer.resume(TopicPartition(*place))

    async def _positions(self, places: Sequence[Place]) -> dict[Place, Position]:
        async with self._engine.begin() as connection:
            known = await offsets.read(connection)
        unknown = [place for place in places if place not in known]
        if unknown:
            begins = await self.consumer.beginning_offsets([TopicPartition(*p) for p in unknown])
            async with self._engine.begin() as connection:
                await offsets.begin(
                    connection, {place: begins[TopicPartition(*place)] for place in unknown}
                )
                known = await offsets.read(connection)
        return known

    def stop_partition(self, place: Place, reason: str, why: str) -> None:
        """Read a partition no further until a person has looked: never skip by ourselves."""
        self.stopped[place] = f"{reason}: {why}"
        self._fresh.discard(place)
        self.positions.pop(place, None)
        self.buffers.pop(place, None)
        tp = TopicPartition(*place)
        if tp in self.consumer.assignment():
            self.consumer.pause(tp)
        if reason == "log_diverged":
            metrics.LOG_DIVERGED.inc()
        _log.critical(
            "stopped %s[%d]: %s: %s. Nothing of it is applied until this is looked at and the "
            "service restarted", *place, reason, why,
        )  # fmt: skip

    async def poll(self, timeout_ms: int) -> None:
        """Fill the buffers of partitions that have room."""
        hungry = [TopicPartition(*p) for p, held in self.buffers.items() if len(held) < BUFFER]
        if not hungry:
            return
        try:
            got = await self.consumer.getmany(*hungry, timeout_ms=timeout_ms, max_records=POLL)
        except OffsetOutOfRangeError as error:
            for tp in error.args[0]:
                self.stop_partition(
                    (tp.topic, tp.partition), "log_diverged", "our offset is not in the log"
                )
            return
        for tp, records in got.items():
            held = self.buffers.get((tp.topic, tp.partition))
            if held is not None:
                held.extend(records)

    def caught_up_to(self, now: datetime) -> datetime | None:
        """Up to when nothing of ours is unread: `now`, or the oldest last record of a backlog.

        None: a partition has a backlog of which nothing has been applied yet.
        """
        lowest = now
        assigned = self.consumer.assignment()
        for place, position in self.positions.items():
            tp = TopicPartition(*place)
            if tp not in assigned:
                return None  # a rebalance is under way
            end = self.consumer.highwater(tp)
            if end is None or position.next_offset >= end:
                continue
            if position.last_at is None:
                return None
            lowest = min(lowest, position.last_at)
        return lowest

    def applied(self, moves: Iterable[Position]) -> None:
        """Our database has committed these: drop what they cover from the buffers."""
        for position in moves:
            place = position.place
            held = self.buffers.get(place)
            if held is None:
                continue
            while held and held[0].offset < position.next_offset:
                held.popleft()
            self.positions[place] = position
            self._uncommitted.add(place)

    def reread(self) -> None:
        """Doubt everything we hold: read offsets from the database and records from Kafka again."""
        self.epoch += 1
        places = list(self.positions)
        if places:
            self.consumer.pause(*(TopicPartition(*p) for p in places))
        self._forget(places)
        self._fresh.update(places)

    async def commit(self) -> None:
        """Tell Kafka, for outside tools only, how far our database is."""
        assigned = self.consumer.assignment()
        self._show_lag(assigned)
        done = {
            TopicPartition(*place): self.positions[place].next_offset
            for place in self._uncommitted
            if place in self.positions and TopicPartition(*place) in assigned
        }
        self._uncommitted.clear()
        if not done:
            return
        try:
            await asyncio.wait_for(self.consumer.commit(done), COMMIT_S)
        except (KafkaError, TimeoutError):
            _log.info("Kafka did not take our offsets; only outside tools miss them")

    def _show_lag(self, assigned: Iterable[TopicPartition]) -> None:
        metrics.LAG.clear()
        for tp in assigned:
            end, position = (
                self.consumer.highwater(tp),
                self.positions.get((tp.topic, tp.partition)),
            )
            if end is not None and position is not None:
                behind = max(0, end - position.next_offset)
                metrics.LAG.labels(topic=tp.topic, partition=str(tp.partition)).set(behind)
