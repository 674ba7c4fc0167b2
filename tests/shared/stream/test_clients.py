"""What the installed aiokafka does, pinned, so that a new version is noticed; and what we make of it."""

import asyncio

import aiokafka
import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest
from bench import TOPIC, record, until, usage

from shared.events.codec import SPEC
from shared.stream import clients
from shared.stream.producer import Outgoing, Producer


def test_the_version_is_the_one_this_was_written_for():
    assert aiokafka.__version__.startswith("0.14."), "read shared/stream/clients.py again"


async def written(send):
    """What is said of the second write to a connection that was just aborted."""
    accepted = []
    listener = await asyncio.start_server(lambda _, w: accepted.append(w), "127.0.0.1", 0)
    connection = AIOKafkaConnection("127.0.0.1", listener.sockets[0].getsockname()[1])
    connection._do_version_lookup = lambda: asyncio.sleep(0)
    await connection.connect()
    connection._versions = {MetadataRequest([]).API_KEY: (0, 5)}
    connection._writer.transport.abort()
    first = send(connection, MetadataRequest([]))
    await asyncio.sleep(0)
    try:
        send(connection, MetadataRequest([])).close()
    except (RuntimeError, KafkaConnectionError) as error:
        return error
    finally:
        connection.close()
        with pytest.raises(KafkaConnectionError):
            await first
        for writer in accepted:
            writer.transport.abort()
        listener.close()
        await asyncio.sleep(0.05)  # uvloop ends only when its handles have
    return None


def test_a_write_to_a_closed_connection():
    """uvloop raises what aiokafka does not catch, and the task that writes dies of it: N16."""
    assert isinstance(uvloop.run(written(clients._send)), RuntimeError), "decision 0018 can go"
    assert isinstance(uvloop.run(written(AIOKafkaConnection.send)), KafkaConnectionError)
    assert asyncio.run(written(clients._send)) is None


@pytest.mark.servers
@pytest.mark.parametrize("task", ["metadata", "coordination", "fetcher"])
async def test_a_consumer_whose_task_died_is_made_anew(bench, task):
    await bench.send([record(usage(seq), seq % 6) for seq in range(6)])
    async with bench.consumer() as consumer:
        await until(lambda: bench.has(6))
        old = consumer.source.consumer
        assert clients.dead(old) is None
        {
            "metadata": lambda: old._client._sync_task,
            "coordination": lambda: old._coordinator._coordination_task,
            "fetcher": lambda: old._fetcher._fetch_task,
        }[task]().cancel()
        await until(lambda: consumer.source.consumer is not old)
        await bench.send([record(usage(seq), seq % 6) for seq in range(6, 12)])
        await until(lambda: bench.has(12))
    assert set((await bench.effects()).values()) == {1}


def outgoing(n, partition=0):
    return Outgoing(TOPIC, partition, None, b"%d" % n, [SPEC])


async def values(bench):
    """What stands in partition 0, once each."""
    reader = aiokafka.AIOKafkaConsumer(bootstrap_servers=bench.bootstrap)
    await reader.start()
    place = aiokafka.TopicPartition(TOPIC, 0)
    reader.assign([place])
    await reader.seek_to_beginning(place)
    end, found = (await reader.end_offsets([place]))[place], []
    while await reader.position(place) < end:
        for records in (await reader.getmany(timeout_ms=200)).values():
            found += [int(one.value) for one in records]
    await reader.stop()
    return sorted(set(found))


@pytest.mark.servers
@pytest.mark.parametrize("task", ["metadata", "sender"])
async def test_a_producer_whose_task_died_is_made_anew(bench, task):
    producer = Producer(bench.bootstrap, "anew")
    await producer.send([outgoing(1)])
    old = producer._producer
    dying = old.client._sync_task if task == "metadata" else old._sender._sender_task
    dying.cancel()
    await until(dying.done)
    await asyncio.wait_for(producer.send([outgoing(2)]), 20)
    assert producer._producer is not old
    await producer.stop()
    assert await values(bench) == [1, 2]


@pytest.mark.servers
async def test_what_uvloop_says_of_a_closed_connection_makes_a_producer_anew(bench, monkeypatch):
    producer = Producer(bench.bootstrap, "anew")
    await producer.send([outgoing(1)])
    old = producer._producer

    async def closed(*_, **__):
        raise RuntimeError("unable to perform operation; the handler is closed")

    monkeypatch.setattr(old, "send_batch", closed)
    await asyncio.wait_for(producer.send([outgoing(2)]), 20)
    assert producer._producer is not old
    await producer.stop()
    assert await values(bench) == [1, 2]


@pytest.mark.servers
async def test_too_few_partitions_are_named_and_waited_for(bench, caplog):
    await bench.make_topic(partitions=1)
    producer = Producer(bench.bootstrap, "few")
    sending = asyncio.create_task(producer.send([outgoing(1, partition=4)]))
    said = f"topic {TOPIC} has 1 partitions and no 4, expected 6"
    await until(lambda: sending.done() or said in caplog.text)
    assert not sending.done()
    await bench.make_topic()
    await asyncio.wait_for(sending, 90)
    await producer.stop()


@pytest.mark.servers
async def test_a_producer_that_does_not_stop_ends_the_process(bench, monkeypatch):
    """Two producers in one process could interleave old records with new ones."""
    ends = []
    monkeypatch.setattr("shared.stream.producer.os._exit", ends.append)
    monkeypatch.setattr("shared.stream.producer.STOP_S", 0.2)
    producer = Producer(bench.bootstrap, "stuck")
    await producer.send([outgoing(1)])
    held = producer._producer
    stop, held.stop = held.stop, asyncio.Event().wait
    await producer.stop()
    assert ends == [70]
    await stop()
