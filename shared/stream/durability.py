"""Does the log keep more than one copy? Without DURABILITY=single a topic that does not stops us."""

from collections.abc import Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from shared.errors import BadSettings
from shared.events.topics import BY_NAME

REPLICAS = 3
IN_SYNC = 2  # of REPLICAS: an acknowledged record survives one broker
LEAST_REPLICAS = 2  # as many as must confirm

MIN_INSYNC = "min.insync.replicas"


def too_few(replicas: Mapping[str, int], in_sync: Mapping[str, int]) -> list[str]:
    """Topics whose records one lost broker takes along, each with the number that says so.

    Args:
        replicas: the fewest copies of any partition, by topic.
        in_sync: copies that must confirm a record, by topic.

    >>> too_few({"a": 1, "b": 3, "c": 3}, {"a": 2, "b": 1, "c": 2})
    ['a has 1 replica', 'b has min.insync.replicas 1']
    """
    complaints = []
    for topic, copies in sorted(replicas.items()):
        if copies < LEAST_REPLICAS:
            complaints.append(f"{topic} has {copies} replica")
        elif in_sync[topic] < IN_SYNC:
            complaints.append(f"{topic} has {MIN_INSYNC} {in_sync[topic]}")
    return complaints


async def check(client: AIOKafkaAdminClient, topics: Sequence[str]) -> None:
    """Compare what is there with what DURABILITY=replicated promises.

    Raises: BadSettings: names DURABILITY and every topic that would lose records.
    """
    if not topics:
        return
    described = await client.describe_topics(list(topics))
    replicas = {
        topic["topic"]: min(len(part["replicas"]) for part in topic["partitions"])
        for topic in described
        if topic["topic"] in BY_NAME and topic["partitions"]
    }
    few = too_few(replicas, await _in_sync(client, list(replicas)))
    if few:
        raise BadSettings(
            f"DURABILITY is replicated, but one broker's end would lose records: {', '.join(few)}. "
            "DURABILITY=single permits it."
        )


async def _in_sync(client: AIOKafkaAdminClient, topics: Sequence[str]) -> dict[str, int]:
    wanted = [ConfigResource(ConfigResourceType.TOPIC, t, {MIN_INSYNC: None}) for t in topics]
    counts: dict[str, int] = {}
    for answer in await client.describe_configs(wanted):
        for code, why, _, topic, entries in answer.resources:
            if code != 0:
                raise for_code(code)(f"{topic}: {why}")
            counts[topic] = next(int(value) for name, value, *_ in entries if name == MIN_INSYNC)
    return counts
