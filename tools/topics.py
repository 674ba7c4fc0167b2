"""Make the Kafka topics of `shared/events/topics.py`; a second run changes nothing."""

import asyncio
import time
from collections.abc import Callable, Iterable

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from shared.events.topics import TOPICS, Topic

MAX_MESSAGE_BYTES = 1_048_588  # Kafka's own limit; ingest's batches stay below it
SEGMENT_BYTES = 64 * 1024 * 1024


class WrongTopics(Exception):
    """Topics exist with another number of partitions, which keys and offsets rest on."""


async def make(
    bootstrap: str,
    *,
    replicas: int,
    topics: Iterable[Topic] = TOPICS,
    patience_s: float = 60,
    say: Callable[[str], None] = print,
) -> list[str]:
    """Create the topics that do not exist and return their names.

    Waits for Kafka, up to `patience_s` seconds.
    Raises: WrongTopics, KafkaError when Kafka stays away.
    """
    admin = await _connect(bootstrap, patience_s, say)
    try:
        wanted = {topic.name: topic for topic in topics}
        there = set(await admin.list_topics()) & set(wanted)
        await _check_partitions(admin, [wanted[name] for name in sorted(there)])
        new = [_new(topic, replicas) for name, topic in wanted.items() if name not in there]
        if new:
            await admin.create_topics(new, timeout_ms=30_000)
        return [topic.name for topic in new]
    finally:
        await admin.close()


def settings(topic: Topic, replicas: int) -> dict[str, str]:
    """Return a topic's configuration in Kafka's words."""
    retention = {"cleanup.policy": "compact"}
    if topic.retention_ms is not None:
        retention = {"cleanup.policy": "delete", "retention.ms": str(topic.retention_ms)}
    return {
        **retention,
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
        "min.insync.replicas": str(max(1, replicas - 1)),
        "unclean.leader.election.enable": "false",
        "segment.bytes": str(SEGMENT_BYTES),
    }


def _new(topic: Topic, replicas: int) -> NewTopic:
    return NewTopic(
        name=topic.name,
        num_partitions=topic.partitions,
        replication_factor=replicas,
        topic_configs=settings(topic, replicas),
    )


async def _check_partitions(admin: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    if not topics:
        return
    described = await admin.describe_topics([topic.name for topic in topics])
    found = {entry["topic"]: len(entry["partitions"]) for entry in described}
    wrong = [
        f"{topic.name} has {found[topic.name]} partitions, not {topic.partitions}"
        for topic in topics
        if found[topic.name] != topic.partitions
    ]
    if wrong:
        raise WrongTopics(
            f"{'; '.join(wrong)}. The number never changes in the life of a topic: make a topic "
            "with a new name and cut over, or start with an empty Kafka."
        )


async def _connect(
    bootstrap: str, patience_s: float, say: Callable[[str], None]
) -> AIOKafkaAdminClient:
    deadline = time.monotonic() + patience_s
    told = False
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="playcaller-topics")
        try:
            await admin.start()
        except (KafkaError, OSError):
            await admin.close()
            if time.monotonic() > deadline:
                raise
            if not told:
                say(f"Waiting for Kafka at {bootstrap}, {patience_s:.0f} s at most.")
                told = True
            await asyncio.sleep(1)
        else:
            return admin
