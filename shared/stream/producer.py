"""Records to Kafka in batches, in order; any failure rebuilds the producer and sends all again."""

import asyncio
import os
from collections.abc import Sequence

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.partitioner import murmur2

from shared import log, metrics
from shared.clock import monotonic
from shared.events.codec import Headers
from shared.events.topics import BY_NAME
from shared.stream import clients
from shared.stream.cluster import Where, options, refuse_for_good
from shared.stream.filling import batches

WAIT_S = 1.0  # between two looks at a topic that has too few partitions
STOP_S = 10.0  # a producer whose stop takes longer may still send: the process ends instead
ACK_S = 40.0  # longer than aiokafka's own request time-out of 30 s
BATCH_BYTES = 512 * 1024
REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError)  # for what is in the record

_log = log.get("stream.producer")


class TooFewPartitions(Exception):
    """Kafka has no such partition: the topic is not as the table says."""


class RecordRefused(Exception):
    """Kafka takes one of these records never, whoever sends it again."""


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """One record and its place; keep `partition` across resends, or order is lost."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes
    headers: Headers


def partition_of(topic: str, key: bytes) -> int:
    """Where records with this key go: murmur2 as Kafka's own clients do it."""
    return int((murmur2(key) & 0x7FFFFFFF) % BY_NAME[topic].partitions)


class Producer:
    """An idempotent producer that is replaced by a new one whenever anything fails.

    aiokafka's idempotent producer cannot go on after a failed batch (its sequence number is gone),
    so `send` closes it, makes another and sends everything again: duplicates, never a loss and
    never another order within a partition. Source: research M10 to M13; aiokafka issue 1017.
    """

    def __init__(self, kafka: Where, client_id: str) -> None:
        self._kafka = kafka
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect; waits for Kafka as long as it takes, with a line in the log.

        Raises: BadSettings: Kafka refuses our password, or is not who it should be.
        """
        began = monotonic()
        wait = 0.2
        while True:
            producer = AIOKafkaProducer(
                **options(self._kafka),
                client_id=self._client_id,
                acks="all",
                enable_idempotence=True,
                linger_ms=0,
                max_batch_size=BATCH_BYTES,
                max_request_size=2 * BATCH_BYTES,
                request_timeout_ms=30_000,
                retry_backoff_ms=200,
            )
            try:
                await producer.start()
            except (KafkaError, OSError) as error:
                await self._close(producer)
                await refuse_for_good(self._kafka)
                _log.warning(
                    "waiting for Kafka at %s, %.0f s", self._kafka, monotonic() - began,
                    extra={"error": type(error).__name__},
                )  # fmt: skip
                await asyncio.sleep(wait)
                wait = min(wait * 2, 10.0)
            else:
                self._producer = producer
                return

    async def stop(self) -> None:
        """Send what is buffered and close, bounded."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await self._close(producer)

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Return when Kafka has acknowledged all records; tries until it has.

        Raises: RecordRefused: it never will; others of them may have been taken.
        """
        while True:
            if self._producer is None:
                await self.start()
            try:
                await self._send_once(records)
            except TooFewPartitions as error:
                _log.error("waiting: %s", error)
                await asyncio.sleep(WAIT_S)
            except REFUSED as error:
                await self.stop()
                raise RecordRefused(type(error).__name__) from error
            # RuntimeError: uvloop's word for a closed connection, wherever aiokafka lets it through
            except (KafkaError, OSError, TimeoutError, RuntimeError) as error:
                metrics.PRODUCER_REBUILDS.inc()
                _log.warning(
                    "Kafka did not take %d records: new producer, all again", len(records),
                    extra={"error": type(error).__name__},
                )  # fmt: skip
                await self.stop()
                await asyncio.sleep(0.2)
            else:
                return

    async def _send_once(self, records: Sequence[Outgoing]) -> None:
        producer = self._producer
        assert producer is not None  # noqa: S101 - `send` has started it
        if (task := clients.dead(producer)) is not None:
            raise KafkaError(f"the client's task `{task}` has died")
        places: dict[tuple[str, int], list[Outgoing]] = {}
        for record in records:
            place = record.topic, record.partition
            group = places.get(place)
            if group is None:
                group = places[place] = []
            group.append(record)
        acks: list[asyncio.Future[object]] = []
        async with asyncio.timeout(ACK_S):  # aiokafka waits for metadata as long as it takes
            for (
                topic,
                partition,
            ) in places:  # all of them first: nothing of the records is sent twice
                await self._know(producer, topic, partition)
            for (topic, partition), group in places.items():
                acks += [
                    await producer.send_batch(batch, topic, partition=partition)
                    for batch in batches(group, BATCH_BYTES)
                ]
        # wait, not wait_for: cancelling would leave records queued behind our back (M13)
        done, late = await asyncio.wait(acks, timeout=ACK_S)
        if late:
            raise TimeoutError
        failed = [error for ack in done if (error := ack.exception()) is not None]
        if failed:
            raise failed[0]
        metrics.PRODUCED_BATCHES.inc(len(acks))
        metrics.PRODUCED_BYTES.inc(sum([len(record.value) for record in records]))

    @staticmethod
    async def _know(producer: AIOKafkaProducer, topic: str, partition: int) -> None:
        """Raises TooFewPartitions, before aiokafka fails an assertion."""
        known = await producer.partitions_for(topic)
        if partition not in known:
            await producer.client.force_metadata_update()  # it may have been mended meanwhile
            raise TooFewPartitions(
                f"topic {topic} has {len(known)} partitions and no {partition}, expected "
                f"{BY_NAME[topic].partitions}"
            )

    @staticmethod
    async def _close(producer: AIOKafkaProducer) -> None:
        if not await clients.close(producer, STOP_S):
            _log.critical("the producer did not stop within %.0f s: leaving", STOP_S)
            os._exit(70)  # two producers in one process could interleave old and new records
