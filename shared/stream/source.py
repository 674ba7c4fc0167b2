"""The Kafka side of a consumer: assignment, buffers, offsets from our database, the log check."""

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from sqlalchemy.ext.asyncio import AsyncEngine
from typing_extensions import override

from shared import log, metrics
from shared.clock import monotonic
from shared.db.offsets import Partition, Position
from shared.stream import clients, log_check, member
from shared.stream.begins import read_from
from shared.stream.cluster import Where, refuse_for_good
from shared.stream.contact import Contact
from shared.stream.read_up import ReadUp, lowest
from shared.stream.told import Told
from shared.stream.watchdog import Sight

BUFFER = 4_000  # records held per partition; more are not asked for
POLL = 8_000  # records a poll returns at the most
LATE_S = 5.0  # a poll that takes so much longer than it was given hangs in a rebalance
REVOKE_S = 20.0
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
        moves: how often a partition has moved on, since the process began.
    """

    def __init__(
        self, group: str, topics: Sequence[str], kafka: Where, engine: AsyncEngine,
        session_s: float = 45.0,
    ) -> None:  # fmt: skip
        self.group = group
        self.topics = tuple(topics)
        self.positions: dict[Partition, Position] = {}
        self.buffers: dict[Partition, deque[ConsumerRecord]] = {}
        self.stopped: dict[Partition, str] = {}
        self.applying = asyncio.Lock()
        self.epoch = 0
        self.moves = 0
        self._began_s = monotonic()
        self._kafka = kafka
        self._engine = engine
        self._session_s = session_s
        self._fresh: set[Partition] = set()
        self._told = Told()
        self._read_up = ReadUp(engine)
        self._consumer: AIOKafkaConsumer | None = None
        self._contact: Contact | None = None

    @property
    def consumer(self) -> AIOKafkaConsumer:
        """The consumer, once started."""
        assert self._consumer is not None  # noqa: S101 - `start` comes first
        return self._consumer

    @property
    def contact(self) -> Contact:
        """What the consumer hears, once started."""
        assert self._contact is not None  # noqa: S101 - `start` comes first
        return self._contact

    async def start(self) -> None:
        """Join the group; waits for Kafka as long as it takes, with a line in the log.

        Raises: BadSettings: Kafka refuses our password, or is not who it should be.
        """
        began, wait = monotonic(), 0.2
        while True:
            consumer = member.make(self._kafka, self.group, self._session_s)
            heard_s = began if self._contact is None else self._contact.heard_s
            self._contact = Contact(clients.inside(consumer), heard_s)
            self._consumer = consumer  # the first assignment comes before `start` returns
            consumer.subscribe(self.topics, listener=self)
            try:
                await consumer.start()
            except (KafkaError, OSError) as error:
                await clients.close(consumer, STOP_S)
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
        self._read_up.stop()
        if self._consumer is None:
            return
        await self.commit()
        if not await clients.close(self._consumer, STOP_S):
            _log.warning("the consumer did not stop within %.0f s", STOP_S)

    async def renew(self) -> None:
        """Replace a client one of whose tasks has died: it would wait for ever, in silence."""
        task = None if self._consumer is None else clients.dead(self._consumer)
        if task is None:
            return
        metrics.CONSUMER_RENEWALS.inc()
        _log.error("the client's task `%s` has died: a new client", task)
        await clients.close(self.consumer, STOP_S)
        self.epoch += 1
        self._forget(list(self.positions))
        self._fresh.clear()
        await self.start()

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
        self.stopped = {place: why for place, why in self.stopped.items() if place in self._fresh}

    @override
    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let the batch in hand end; what comes after it belongs to another process."""
        self.epoch += 1
        try:
            async with asyncio.timeout(REVOKE_S), self.applying:
                pass
        except TimeoutError:
            _log.warning("a batch outlived its assignment; the fence will stop it")
        self._forget([(tp.topic, tp.partition) for tp in revoked])

    def _forget(self, places: Iterable[Partition]) -> None:
        for place in places:
            self.positions.pop(place, None)
            self.buffers.pop(place, None)
            self._fresh.discard(place)
            self._told.forget(place)
            self._read_up.forget(place)
            self.contact.forget(place)

    async def adopt(self) -> None:
        """Begin reading partitions that are new or in doubt where our database says, after a check.

        Raises: KafkaError: Kafka did not let us.
        """
        fresh, epoch = [place for place in sorted(self._fresh) if self._exists(place)], self.epoch
        if len(fresh) < len(self._fresh):  # a topic is away: the others are read on meanwhile
            await clients.inside(self.consumer).force_metadata_update()
        if not fresh or epoch != self.epoch:
            return
        held = await read_from(self._engine, self.consumer, fresh)
        await self.contact.vouch(fresh)  # first: what changes during the check is seen again
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
            self._told.moved(place)
            self.consumer.seek(TopicPartition(*place), held[place].next_offset)
            self.consumer.resume(TopicPartition(*place))

    def _exists(self, place: Partition) -> bool:
        """Whether Kafka has such a partition, as far as the client knows."""
        topic, number = place
        return number in (self.consumer.partitions_for_topic(topic) or ())

    def stop_partition(self, place: Partition, reason: str, why: str) -> None:
        """Read a partition no further until a person has looked: never skip by ourselves."""
        self.stopped[place] = f"{reason}: {why}"
        self._forget([place])
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
        """Fill the buffers of partitions that have room; without any, let the time pass."""
        hungry = [TopicPartition(*p) for p, held in self.buffers.items() if len(held) < BUFFER]
        if not hungry:
            await asyncio.sleep(timeout_ms / 1000)
            return
        got: dict[TopicPartition, list[ConsumerRecord]] = {}
        try:
            async with asyncio.timeout(timeout_ms / 1000 + LATE_S):
                got = await self.consumer.getmany(*hungry, timeout_ms=timeout_ms, max_records=POLL)
        except OffsetOutOfRangeError as error:
            for tp in error.args[0]:
                self.stop_partition(
                    (tp.topic, tp.partition), "log_diverged", "our offset is not in the log"
                )
        except TimeoutError:
            return
        doubted = self.contact.doubted() & self.positions.keys()
        if doubted:
            _log.info("contact was lost: %d partitions are checked before we read on", len(doubted))
            self.reread(doubted)
        for tp, records in got.items():
            held = self.buffers.get((tp.topic, tp.partition))
            if held is not None:
                held.extend(records)

    async def caught_up_to(self, now: datetime) -> datetime | None:
        """Up to when all that Kafka held has been applied, ours by us, the rest by whom it is for.

        None: not known now, or a partition stands still until a person has looked.
        """
        if self.stopped:
            return None
        of_topic = {topic: self.consumer.partitions_for_topic(topic) for topic in self.topics}
        places = [(topic, n) for topic, known in of_topic.items() for n in known or ()]
        if not all(of_topic.values()):
            return None
        read_up_to = {p.key: self._read_up.ours(p, self.contact) for p in self.positions.values()}
        others = [place for place in places if place not in read_up_to]
        times = [lowest(read_up_to)] if read_up_to else []
        if others and None not in times:
            times.append(await self._read_up.others(self.consumer, others))
        known = [at for at in times if at is not None]
        return min(now, *known) if len(known) == len(times) and known else None

    def sight(self) -> Sight:
        """What the watchdog wants to know."""
        member, contact = self._consumer, self._contact
        if member is None or contact is None:
            return Sight(self._began_s, in_group=False, unread=False, moves=self.moves)
        ends = [(p, contact.mark(p.key)) for p in self.positions.values()]
        unread = any(map(self._exists, self._fresh)) or any(self.buffers.values())
        unread = unread or any(m is not None and m.end > p.next_offset for p, m in ends)
        return Sight(contact.heard_s, clients.is_in_group(member), unread, self.moves)

    def applied(self, moves: Iterable[Position]) -> None:
        """Our database has committed these: drop what they cover from the buffers."""
        for position in moves:
            place = position.key
            held = self.buffers.get(place)
            if held is None:
                continue
            while held and held[0].offset < position.next_offset:
                held.popleft()
            self.positions[place] = position
            self._told.moved(place)
            self.moves += 1

    def reread(self, doubted: Collection[Partition] | None = None) -> None:
        """Read offsets from the database and records from Kafka again, of all we hold or of these."""
        self.epoch += 1
        places = [p for p in self.positions if doubted is None or p in doubted]
        assigned = self.consumer.assignment()
        here = [tp for p in places if (tp := TopicPartition(*p)) in assigned]
        if here:
            self.consumer.pause(*here)
        self._forget(places)
        self._fresh.update(places)

    async def commit(self) -> None:
        """Tell Kafka, for outside tools only, how far our database is."""
        await self._told.tell(self.consumer, self.positions)
