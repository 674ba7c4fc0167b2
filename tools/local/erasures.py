"""Erasures hold after a restore: whoever is erased anywhere is erased everywhere, before anything runs."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.events import Erased, codec
from shared.events.topics import BY_NAME
from tools.local.services import Services
from tools.local.together import together

WHERE = ("journey", "ingest", "support", "analytics")  # services with something to forget
READ_S = 120.0

Listed = dict[str, datetime]


async def reapply(services: Services, bootstrap: str | None, to: Sequence[str] = WHERE) -> Listed:
    """Collect the list from every database and from Kafka, and apply it to these services.

    Args:
        services: running or not; PostgreSQL must run.
        bootstrap: of Kafka, whose `customer.changed` keeps every erasure; None: it does not run.
    Returns: who is erased, and since when it was asked for.
    """
    customers: Listed = {} if bootstrap is None else await told(bootstrap)
    lists = await asyncio.gather(*(services[name].run_command("erased") for name in WHERE))
    for said in map(json.loads, lists):
        for subject, at in said.items():
            moment = datetime.fromisoformat(at)
            customers[subject] = min(moment, customers.get(subject, moment))
    if customers:
        times = {customer: at.isoformat() for customer, at in sorted(customers.items())}
        document = json.dumps(times).encode()
        await together(*(services[name].run_command("erase", given=document) for name in to))
    return customers


async def told(bootstrap: str) -> Listed:
    """Every erasure that stands in Kafka."""
    topic = BY_NAME[Erased.TOPIC]
    places = [TopicPartition(topic.name, n) for n in range(topic.partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    customers: Listed = {}
    try:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        async with asyncio.timeout(READ_S):
            while [place for place in places if await consumer.position(place) < ends[place]]:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    customers |= _erased([record.value for record in records])
    finally:
        await consumer.stop()
    return customers


def _erased(values: Sequence[bytes | None]) -> Listed:
    customers: Listed = {}
    for value in values:
        try:
            event = codec.decode(value or b"")
        except msgspec.DecodeError:
            continue  # the services set it aside
        if isinstance(event, Erased):
            customers[event.customer] = event.at
    return customers
