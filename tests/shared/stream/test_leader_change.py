"""Three brokers, three copies, two in sync: the leader is killed, and nothing is lost or twice."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from bench import TOPIC, Bench, record, until, usage

from shared.stream.producer import Outgoing, Producer
from tests.three_brokers import ThreeBrokers

pytestmark = pytest.mark.servers
BEFORE, AFTER = 60, 120


async def leader_of(bootstrap, partition):
    """The broker that leads it, as the cluster says now."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (described,) = await admin.describe_topics([TOPIC])
    finally:
        await admin.close()
    return {each["partition"]: each["leader"] for each in described["partitions"]}[partition]


def outgoing(seq):
    made = record(usage(seq))
    return Outgoing(TOPIC, seq % 6, made["key"], made["value"], made["headers"])


async def test_a_killed_leader_loses_and_repeats_nothing(tmp_path, stream_engine):
    cluster = ThreeBrokers(tmp_path / "brokers")
    try:
        await cluster.start()
        bench = Bench(cluster.bootstrap, stream_engine)
        await bench.make_topic(copies=3)
        producer = Producer(cluster.bootstrap, "ingest")
        async with bench.consumer() as consumer:
            for seq in range(BEFORE):
                await producer.send([outgoing(seq)])
            await until(lambda: bench.has(BEFORE))
            old = await leader_of(cluster.bootstrap, 0)
            sending = asyncio.create_task(_send(producer, range(BEFORE, AFTER)))
            await cluster.brokers[old].kill()
            await asyncio.wait_for(sending, 60)
            await until(lambda: bench.has(AFTER), seconds=60)
            assert consumer.source.stopped == {}
            assert await leader_of(cluster.bootstrap, 0) != old
            await until(lambda: consumer.source.sight().in_group)
        await producer.stop()
    finally:
        await cluster.stop()
    assert await bench.effects() == {str(seq): 1 for seq in range(AFTER)}


async def _send(producer, seqs):
    for seq in seqs:
        await producer.send([outgoing(seq)])
