"""How every topic stands with every group that should read it: lag, progress, members, state.

Source of the rules: Burrow and kminion, as taken over in the support research: committed offsets
are read before end offsets, so that lag is never negative; a group is declared, so one that is not
there at all is MISSING and not forgotten; a sample that cannot be trusted is UNKNOWN, never OK.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import clock, log
from shared.db import offsets as rows
from shared.db import trouble
from shared.db.offsets import Partition
from shared.events.topics import TOPICS, Topic
from shared.stream.append_time import Search
from shared.stream.cluster import Where, options
from shared.stream.lag import Offsets, Progress, State, judge

SAMPLE_S = 10.0  # longer than this Kafka did not answer
KEPT_S = 2.0  # readers within this time share a sample
READ_S = 2.0  # to find when the records at the committed offsets were appended

_log = log.get("stream.topic_health")


@dataclass(frozen=True, slots=True)
class TopicHealth:
    """One topic and one group that reads it.

    Attributes:
        group: None for a topic nobody of ours reads.
        lag_messages: records behind the end, all partitions; beacons are records too.
        lag_seconds: how long the oldest unread record has been waiting; 0 without lag.
        last_progress: when a committed offset was last seen to move, None before this process
            has seen one move.
        members: processes in the group.
        why: the state in words.
    """

    topic: str
    group: str | None
    partitions: int
    lag_messages: int | None
    lag_seconds: float | None
    last_progress: datetime | None
    members: int | None
    state: State
    why: str


@dataclass(frozen=True)
class Sample:
    """All of them at one moment (the computer's clock)."""

    at: datetime
    topics: tuple[TopicHealth, ...]


@dataclass(frozen=True)
class _Seen:
    """What Kafka said."""

    partitions: Mapping[str, int]
    members: Mapping[str, int]
    offsets: Mapping[str, Mapping[TopicPartition, Offsets]]


Rows = Callable[[], Awaitable[Mapping[Partition, int]]]
"""Where one group stands by its own database: the truth; Kafka's committed offsets follow it."""


def rows_of(engine: AsyncEngine) -> Rows:
    """Where the service of this database stands."""

    async def read() -> Mapping[Partition, int]:
        async with engine.connect() as connection:
            positions = await rows.read(connection)
        return {place: position.next_offset for place, position in positions.items()}

    return read


class TopicWatch:
    """Samples of one process; remembers between them when offsets moved.

    Raises nothing when Kafka is away: every state is UNKNOWN then.

    Args:
        own: the group whose database is at hand, and what reads it.
    """

    def __init__(
        self,
        kafka: Where,
        topics: Sequence[Topic] = TOPICS,
        kept_s: float = KEPT_S,
        own: tuple[str, Rows] | None = None,
    ) -> None:
        self._kafka = kafka
        self._own = own
        self._topics = topics
        self._kept_s = kept_s
        self._progress: dict[tuple[str, str], Progress] = {}
        self._sample: tuple[float, Sample] | None = None
        self._lock = asyncio.Lock()

    async def sample(self) -> Sample:
        """The present state, at most `kept_s` old."""
        async with self._lock:
            if self._sample is None or clock.monotonic() - self._sample[0] > self._kept_s:
                taken = await self._take()
                self._sample = clock.monotonic(), taken
            return self._sample[1]

    async def _take(self) -> Sample:
        try:
            async with asyncio.timeout(SAMPLE_S):
                seen = await _look(self._kafka, self._topics, await self._owned())
        except (KafkaError, OSError, TimeoutError) as error:
            _log.warning("no sample of the topics", extra={"error": type(error).__name__})
            why = f"Kafka did not answer ({type(error).__name__})"
            now = clock.wall_now()
            return Sample(now, tuple(_unknown(t, g, why) for t, g in _rows(self._topics)))
        now = clock.wall_now()
        return Sample(now, tuple(self._health(t, g, seen, now) for t, g in _rows(self._topics)))

    async def _owned(self) -> dict[str, Mapping[Partition, int]]:
        """What the database says, before ends are asked for; nothing while it is away."""
        if self._own is None:
            return {}
        group, read = self._own
        try:
            return {group: await read()}
        except Exception as error:
            if not trouble.is_passing(error):
                raise
            return {}

    def _health(self, topic: Topic, group: str | None, seen: _Seen, now: datetime) -> TopicHealth:
        count = seen.partitions.get(topic.name)
        if count is None:
            return _unknown(topic, group, "the topic does not exist", "MISSING")
        if count != topic.partitions:
            why = f"the topic has {count} partitions, the table says {topic.partitions}"
            return _unknown(topic, group, why, "MISSING")
        if group is None:
            return TopicHealth(topic.name, None, count, None, None, None, None, "OK", "")
        offsets = {
            place.partition: offsets_of_group
            for place, offsets_of_group in seen.offsets[group].items()
            if place.topic == topic.name
        }
        progress = self._progress.setdefault((topic.name, group), Progress())
        progress.note({number: offset.committed for number, offset in offsets.items()}, now)
        members = seen.members.get(group, 0)
        judged = judge(topic.name, group, offsets, members, progress, now)
        return TopicHealth(
            topic.name,
            group,
            count,
            judged.lag_messages,
            judged.lag_seconds,
            progress.last,
            members,
            judged.state,
            judged.why,
        )


async def topic_health(kafka: Where, topics: Sequence[Topic] = TOPICS) -> list[TopicHealth]:
    """One sample, without the memory of earlier ones: never STALLED."""
    return list((await TopicWatch(kafka, topics).sample()).topics)


def _rows(topics: Sequence[Topic]) -> list[tuple[Topic, str | None]]:
    return [(topic, group) for topic in topics for group in topic.consumers or (None,)]


def _unknown(
    topic: Topic, group: str | None, why: str, state: Literal["UNKNOWN", "MISSING"] = "UNKNOWN"
) -> TopicHealth:
    return TopicHealth(topic.name, group, topic.partitions, None, None, None, None, state, why)


async def _look(
    kafka: Where, topics: Sequence[Topic], owned: Mapping[str, Mapping[Partition, int]]
) -> _Seen:
    async with AsyncExitStack() as stack:
        admin = AIOKafkaAdminClient(**options(kafka))
        stack.push_async_callback(admin.close)
        await admin.start()
        there = await _partitions(admin, topics)
        groups: list[str] = sorted({group for topic in topics for group in topic.consumers})
        committed = {group: await _committed(admin, group, topics, there) for group in groups}
        for group, held in owned.items():
            at = committed.get(group, {})
            at |= {place: held[place] for place in at if place in held}  # a TopicPartition is one
        consumer = AIOKafkaConsumer(
            **options(kafka),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        stack.push_async_callback(consumer.stop)
        await consumer.start()
        places = [TopicPartition(name, n) for name, count in there.items() for n in range(count)]
        ends = await consumer.end_offsets(places)
        starts = await consumer.beginning_offsets(places)
        waiting = {
            (place, max(at, starts[place]))
            for asked in committed.values()
            for place, at in asked.items()
            if max(at, starts[place]) < ends[place]
        }
        appended = await _appended(consumer, waiting)
        members = await _members(admin, groups)

    def offsets(place: TopicPartition, at: int) -> Offsets:
        first = max(at, starts[place])
        return Offsets(at, starts[place], ends[place], appended.get((place, first)))

    by_group = {
        g: {p: offsets(p, at) for p, at in places_of_group.items()}
        for g, places_of_group in committed.items()
    }
    return _Seen(there, members, by_group)


async def _partitions(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> dict[str, int]:
    known = set(await admin.list_topics())
    names = [topic.name for topic in topics if topic.name in known]
    described = await admin.describe_topics(names) if names else []
    return {
        described_topic["topic"]: len(described_topic["partitions"])
        for described_topic in described
    }


async def _committed(
    admin: AIOKafkaAdminClient, group: str, topics: Sequence[Topic], there: Mapping[str, int]
) -> dict[TopicPartition, int]:
    """Offset of the next record the group wants, per partition it should read; -1 without one."""
    committed_offsets = await admin.list_consumer_group_offsets(group)
    wanted = [
        TopicPartition(topic.name, n)
        for topic in topics
        if group in topic.consumers
        for n in range(there.get(topic.name, 0))
    ]
    return {
        place: int(committed_offsets[place].offset) if place in committed_offsets else -1
        for place in wanted
    }


async def _members(admin: AIOKafkaAdminClient, groups: Sequence[str]) -> dict[str, int]:
    """Processes in each group; a group nobody ever joined has none."""
    counts: dict[str, int] = {}
    for name in groups:
        # One at a time: aiokafka 0.14 reads an answer of version 3 as version 2, whose groups are
        # 4 bytes shorter, so that a second group in one answer is garbage.
        for answer in await admin.describe_consumer_groups([name]):
            for group in answer.to_object()["groups"]:
                counts[group["group"]] = len(group["members"])
    return counts


async def _appended(
    consumer: AIOKafkaConsumer, wanted: set[tuple[TopicPartition, int]]
) -> dict[tuple[TopicPartition, int], datetime]:
    """When the records at these places were appended; what cannot be found in time is left out.

    No record is read, for a service may look at topics whose records are not for it: Kafka is asked
    which offset was the first after a moment, further and further back, then between the two. Groups
    that stand at different places of one partition are looked for one after the other.
    """
    times: dict[tuple[TopicPartition, int], datetime] = {}
    left = set(wanted)
    until = clock.monotonic() + READ_S
    while left and clock.monotonic() < until:
        turn = dict(sorted(left, reverse=True))
        now_ms = int(clock.wall_now().timestamp() * 1_000)
        searches = {place: Search(at, now_ms + 1) for place, at in turn.items()}
        while clock.monotonic() < until:
            asked = {place: s.ask_ms for place, s in searches.items() if s.appended_ms is None}
            if not asked:
                break
            for place, first in (await consumer.offsets_for_times(asked)).items():
                searches[place].note(first and (first.offset, first.timestamp))
        for place, search in searches.items():
            if search.appended_ms is not None:
                at = datetime.fromtimestamp(search.appended_ms / 1_000, UTC)
                times[place, search.at] = at
        left -= set(turn.items())
    return times
