"""Where groups stand in topics, as Kafka says it: partitions, members, offsets, append times."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared import clock
from shared.db.offsets import Partition
from shared.events.topics import Topic
from shared.stream.append_time import Search
from shared.stream.cluster import Where, options
from shared.stream.lag import Offsets

READ_S = 2.0  # to find when the records at the committed offsets were appended


@dataclass(frozen=True)
class Seen:
    """What Kafka said."""

    partitions: Mapping[str, int]
    members: Mapping[str, int]
    offsets: Mapping[str, Mapping[TopicPartition, Offsets]]


Look = Callable[[Sequence[Topic], Mapping[str, Mapping[Partition, int]]], Awaitable[Seen]]
"""Asks Kafka once; the second argument: where groups stand by their own databases."""


@asynccontextmanager
async def looking(kafka: Where) -> AsyncIterator[Look]:
    """Open the clients that ask; they serve one look after the other. Raises KafkaError: it is away."""
    async with AsyncExitStack() as stack:
        admin = AIOKafkaAdminClient(**options(kafka))
        stack.push_async_callback(admin.close)
        await admin.start()
        consumer = AIOKafkaConsumer(
            **options(kafka),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        stack.push_async_callback(consumer.stop)
        await consumer.start()
        yield partial(_look, admin, consumer)


async def _look(
    admin: AIOKafkaAdminClient,
    consumer: AIOKafkaConsumer,
    topics: Sequence[Topic],
    owned: Mapping[str, Mapping[Partition, int]],
) -> Seen:
    """Committed offsets first, then ends: lag is never negative. Raises KafkaError: it is away."""
    there = await _partitions(admin, topics)
    groups: list[str] = sorted({group for topic in topics for group in topic.consumers})
    committed = {group: await _committed(admin, group, topics, there) for group in groups}
    for group, held in owned.items():
        at = committed.get(group, {})
        at |= {place: held[place] for place in at if place in held}  # a TopicPartition is one
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
    return Seen(there, members, by_group)


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
