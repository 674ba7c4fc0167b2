"""From where partitions are read: what our database says, for a new one the begin of its log."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db import offsets
from shared.db.offsets import Partition, Position
from shared.stream import log_check


async def read_from(
    engine: AsyncEngine, consumer: AIOKafkaConsumer, places: Sequence[Partition]
) -> Mapping[Partition, Position]:
    """Positions of at least these; those of new ones are written down.

    Raises: KafkaError: Kafka did not say where a new one begins.
    """
    async with engine.begin() as connection:
        known = await offsets.read(connection)
    unknown = [place for place in places if place not in known]
    if unknown:
        begins = await _begins(consumer, unknown)
        async with engine.begin() as connection:
            await offsets.begin(
                connection, {place: begins[TopicPartition(*place)] for place in unknown}
            )
            known = await offsets.read(connection)
    return known


async def _begins(
    consumer: AIOKafkaConsumer, places: Collection[Partition]
) -> dict[TopicPartition, int]:
    try:
        async with asyncio.timeout(log_check.READ_S):  # it tries for ever
            return await consumer.beginning_offsets([TopicPartition(*place) for place in places])  # type: ignore[no-any-return]
    except TimeoutError:
        raise KafkaTimeoutError from None
