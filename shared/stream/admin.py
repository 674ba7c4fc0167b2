"""Topics as the table says: create what is missing, refuse what differs."""

import asyncio
from collections.abc import Mapping

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared import log
from shared.clock import monotonic
from shared.errors import BadSettings
from shared.events.topics import DAY_MS, TOPICS, Topic
from shared.stream import durability
from shared.stream.cluster import Where, options, refuse_for_good
from shared.stream.durability import IN_SYNC, REPLICAS

ASK_S = 30_000

_log = log.get("stream.admin")


def configuration(topic: Topic, *, single: bool) -> dict[str, str]:
    """Kafka's settings of a topic; `single` permits one replica (DURABILITY=single)."""
    settings = {
        "message.timestamp.type": "LogAppendTime",  # a device's clock must never be Kafka's
        "min.insync.replicas": str(1 if single else IN_SYNC),
        "unclean.leader.election.enable": "false",
        "max.message.bytes": "2097152",
    }
    if topic.compacted:
        settings |= {"cleanup.policy": "compact", "delete.retention.ms": str(30 * DAY_MS)}
    else:
        settings |= {"cleanup.policy": "delete", "retention.ms": str(topic.retention_ms)}
    return settings


async def connect(kafka: Where) -> AIOKafkaAdminClient:
    """An admin client; waits for Kafka as long as it takes. Raises BadSettings: see cluster."""
    began, wait = monotonic(), 0.2
    while True:
        client = AIOKafkaAdminClient(**options(kafka))
        try:
            await client.start()
        except (KafkaError, OSError) as error:
            await client.close()
            await refuse_for_good(kafka)
            _log.warning(
                "waiting for Kafka at %s, %.0f s", kafka, monotonic() - began,
                extra={"error": type(error).__name__},
            )  # fmt: skip
            await asyncio.sleep(wait)
            wait = min(wait * 2, 10.0)
        else:
            return client


async def partitions(client: AIOKafkaAdminClient) -> dict[str, int]:
    """Partition count of every topic of ours that exists."""
    known = set(await client.list_topics())
    names = [topic.name for topic in TOPICS if topic.name in known]
    if not names:
        return {}
    described = await client.describe_topics(names)
    return {
        described_topic["topic"]: len(described_topic["partitions"])
        for described_topic in described
    }


async def ensure_topics(kafka: Where, *, single: bool) -> list[str]:
    """Create missing topics; returns their names.

    Raises: BadSettings: a topic has another number of partitions than the table says, or fewer
        copies than `single` permits.
    """
    client = await connect(kafka)
    try:
        there = await partitions(client)
        missing = [topic for topic in TOPICS if topic.name not in there]
        if missing:
            await _create(client, missing, single=single)
            there |= {topic.name: topic.partitions for topic in missing}
        for topic in TOPICS:
            if there[topic.name] != topic.partitions:
                raise BadSettings(
                    f"topic {topic.name} has {there[topic.name]} partitions, expected "
                    f"{topic.partitions}: partition counts never change, make a new topic"
                )
        if not single:
            await durability.check(client, list(there))
    finally:
        await client.close()
    return [topic.name for topic in missing]


async def _create(client: AIOKafkaAdminClient, missing: list[Topic], *, single: bool) -> None:
    replicas = 1 if single else REPLICAS
    answer = await client.create_topics(
        [
            NewTopic(
                name=topic.name,
                num_partitions=topic.partitions,
                replication_factor=replicas,
                topic_configs=configuration(topic, single=single),
            )
            for topic in missing
        ],
        timeout_ms=ASK_S,
    )
    for name, code, *why in answer.topic_errors:
        error = for_code(code)
        if code != 0 and error is not TopicAlreadyExistsError:
            raise error(f"{name}: {why[0] if why else ''}")


def _wrong(there: Mapping[str, int]) -> list[str]:
    """What of the table is missing, or has another number of partitions, in words."""
    missing = [topic.name for topic in TOPICS if topic.name not in there]
    said = [f"{', '.join(missing)} missing (`./playcaller topics` makes them)"] if missing else []
    return said + [
        f"{topic.name} has {there[topic.name]} partitions, expected {topic.partitions}"
        for topic in TOPICS
        if there.get(topic.name, topic.partitions) != topic.partitions
    ]


async def wait_for_topics(kafka: Where, *, single: bool = True) -> None:
    """Return when every topic of the table exists as the table says; says what it waits for.

    Raises: BadSettings: a topic has fewer copies than `single` permits.
    """
    client = await connect(kafka)
    began = monotonic()
    try:
        while wrong := _wrong(await partitions(client)):
            _log.warning("waiting for topics: %s, %.0f s", "; ".join(wrong), monotonic() - began)
            await asyncio.sleep(1.0)
        if not single:
            await durability.check(client, [topic.name for topic in TOPICS])
    finally:
        await client.close()
