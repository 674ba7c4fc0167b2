"""Topic health against a real Kafka: groups that read, lag, are gone, or never were."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.clock import wall_now
from shared.events.topics import Topic
from shared.stream import group_offsets, topic_health
from shared.stream.group_offsets import Look
from shared.stream.topic_health import TopicHealth, TopicWatch
from tests.system import until

pytestmark = pytest.mark.servers

# groups of its own: the services' groups may be in use by other tests of the session
TOPICS = (
    Topic(
        "health.fault", "ingest", ("health-a", "health-b"), "device", "for this test", partitions=3
    ),  # type: ignore[arg-type]
    Topic("health.unread", "ingest", (), "device", "nobody reads it", partitions=3),
    Topic("health.absent", "ingest", ("health-a",), "device", "not made"),  # type: ignore[arg-type]
)


@pytest.fixture
async def topics(kafka: str) -> AsyncIterator[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    settings = {"message.timestamp.type": "LogAppendTime"}
    names = [topic.name for topic in TOPICS[:2]]
    await admin.create_topics([NewTopic(name, 3, 1, topic_configs=settings) for name in names])
    await _seen(admin, names, there=True)
    yield kafka
    await admin.delete_topics(names)
    await _seen(admin, names, there=False)
    await admin.close()


async def _seen(admin: AIOKafkaAdminClient, names: list[str], *, there: bool) -> None:
    """Wait: the broker hears of a topic some time after the controller has taken the change."""
    waiting = True
    async with asyncio.timeout(30):
        while waiting:
            described = await admin.describe_topics(names)
            waiting = any((topic["error_code"] == 0) != there for topic in described)


async def produce(bootstrap: str, count: int, partition: int = 0) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for n in range(count):
            await producer.send_and_wait("health.fault", b"%d" % n, partition=partition)


async def member(bootstrap: str, group: str) -> AIOKafkaConsumer:
    """A joined member that has its three partitions."""
    made = AIOKafkaConsumer(
        "health.fault",
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await made.start()
    async with asyncio.timeout(90):
        while len(made.assignment()) < 3:
            await made.getmany(timeout_ms=100)
    return made


def of(rows: tuple[TopicHealth, ...], topic: str, group: str | None) -> TopicHealth:
    (found,) = [row for row in rows if (row.topic, row.group) == (topic, group)]
    return found


async def test_groups_are_seen_as_they_are(topics: str) -> None:
    began = wall_now()
    watch = TopicWatch(topics, TOPICS, kept_s=0)
    reader = await member(topics, "health-a")
    try:
        empty = (await watch.sample()).topics
        await produce(topics, 5, partition=0)
        await produce(topics, 3, partition=2)
        await reader.commit({TopicPartition("health.fault", 0): 2})
        behind = (await watch.sample()).topics
        await reader.commit(
            {TopicPartition("health.fault", 0): 5, TopicPartition("health.fault", 2): 3}
        )
        caught_up = (await watch.sample()).topics
    finally:
        await reader.stop()
    gone = (await watch.sample()).topics

    first = of(empty, "health.fault", "health-a")
    assert (first.state, first.members, first.lag_messages, first.partitions) == ("OK", 1, 0, 3)
    assert first.last_progress is None
    second = of(behind, "health.fault", "health-a")
    assert (second.state, second.lag_messages) == ("OK", 6)
    assert second.lag_seconds is not None
    assert 0 <= second.lag_seconds <= (wall_now() - began).total_seconds()
    third = of(caught_up, "health.fault", "health-a")
    assert (third.lag_messages, third.lag_seconds) == (0, 0.0)
    assert third.last_progress is not None
    assert began < third.last_progress
    fourth = of(gone, "health.fault", "health-a")
    assert (fourth.state, fourth.members) == ("MISSING", 0)
    never = of(behind, "health.fault", "health-b")
    assert (never.state, never.members, never.lag_messages) == ("MISSING", 0, 8)
    unread = of(behind, "health.unread", None)
    assert (unread.state, unread.lag_messages) == ("OK", None)
    absent = of(behind, "health.absent", "health-a")
    assert (absent.state, absent.why) == ("MISSING", "the topic does not exist")


async def test_a_topic_of_another_width_is_told_of(topics: str) -> None:
    wider = [replace(topic, partitions=topic.partitions + 1) for topic in TOPICS]
    found = of((await TopicWatch(topics, wider).sample()).topics, "health.fault", "health-a")
    assert (found.state, found.why) == (
        "MISSING",
        "the topic has 3 partitions, the table says 4",
    )


async def test_our_own_group_is_judged_by_our_rows(topics: str) -> None:
    """N17: a commit that Kafka did not take must not look like a partition that stands."""
    held = {("health.fault", 0): 5, ("health.fault", 1): 0, ("health.fault", 2): 3}

    async def rows() -> dict[tuple[str, int], int]:
        return held

    async def away() -> dict[tuple[str, int], int]:
        raise ConnectionRefusedError

    reader = await member(topics, "health-a")
    try:
        await produce(topics, 5, partition=0)
        await produce(topics, 3, partition=2)
        await reader.commit({TopicPartition("health.fault", 0): 2})
        ours = (await TopicWatch(topics, TOPICS, own=("health-a", rows)).sample()).topics
        kafkas = (await TopicWatch(topics, TOPICS, own=("health-a", away)).sample()).topics
    finally:
        await reader.stop()
    assert of(ours, "health.fault", "health-a").lag_messages == 0
    assert of(ours, "health.fault", "health-b").lag_messages == 8
    assert of(kafkas, "health.fault", "health-a").lag_messages == 6


async def test_readers_share_a_sample(topics: str) -> None:
    watch = TopicWatch(topics, TOPICS, kept_s=60)

    first, second = await asyncio.gather(watch.sample(), watch.sample())

    assert first is second
    assert await watch.sample() is first
    alone = await watch.sample("health-b")
    assert {row.group for row in alone.topics} == {"health-b"}
    assert of(alone.topics, "health.fault", "health-b") in first.topics
    assert (await watch.sample("nobody")).topics == ()


async def test_kafka_away_is_unknown_and_never_ok() -> None:
    sample = await TopicWatch("127.0.0.1:1", TOPICS).sample()

    assert {row.state for row in sample.topics} == {"UNKNOWN"}
    assert "Kafka did not answer" in sample.topics[0].why


async def test_who_takes_older_samples_waits_for_none_while_somebody_looks(
    topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def counted(kafka: str) -> AbstractAsyncContextManager[Look]:
        opened.append(kafka)
        return group_offsets.looking(kafka)

    monkeypatch.setattr(topic_health, "looking", counted)
    monkeypatch.setattr(topic_health, "RENEW_S", 0.1)
    monkeypatch.setattr(topic_health, "LOOKED_S", 2.0)
    watch = TopicWatch(topics, TOPICS, kept_s=0)

    async def later() -> bool:
        return (await watch.sample(within_s=60)).at > first.at

    async def over() -> bool:
        return not watch.is_looked_on

    running = asyncio.create_task(watch.run())
    await asyncio.sleep(0)  # it runs
    try:
        first = await watch.sample(within_s=60)
        await until(later)
        assert len(opened) == 1, "the connections are kept"
        await until(over)
        last = await watch.sample(within_s=60)
        assert (await watch.sample()).at > last.at, "who wants the present state gets it"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
