"""Kafka as a trial sees it: the log read whole, ends, records of strangers, topics made anew."""

import asyncio
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from typing_extensions import override

from shared.clock import monotonic
from shared.events.topics import BY_NAME
from tools.faults.until import until
from tools.local.kafka import Kafka

READ_S = 60.0
OFFSET_COMMIT = 8


class ProxiedKafka(Kafka):
    """Kafka that names a proxy's port to whoever comes through that proxy.

    Attributes:
        ways: by name: the port Kafka listens on for it, and the port it tells clients.
    """

    ways: Mapping[str, tuple[int, int]]

    @override
    async def prepare(self, ports: tuple[int, ...]) -> None:
        await super().prepare(ports)
        config = self.data / "server.properties"
        text = config.read_text("utf-8")
        for name, (inner, outer) in self.ways.items():
            for key, value in (
                ("listeners", f"{name}://127.0.0.1:{inner}"),
                (r"advertised\.listeners", f"{name}://127.0.0.1:{outer}"),
                (r"listener\.security\.protocol\.map", f"{name}:PLAINTEXT"),
            ):
                text = re.sub(rf"(?m)^({key}=.*)$", rf"\1,{value}", text)
        config.write_text(text, "utf-8")


@dataclass(frozen=True)
class Record:
    """One record of a topic."""

    topic: str
    partition: int
    offset: int
    value: bytes
    headers: Mapping[str, bytes]


def places_of(topics: Iterable[str]) -> list[TopicPartition]:
    """All partitions, as the topic table has them."""
    return [TopicPartition(name, n) for name in topics for n in range(BY_NAME[name].partitions)]


async def read(bootstrap: str, topics: Collection[str]) -> list[Record]:
    """Everything that is in these topics now.

    Raises: TimeoutError: nothing came for a while and it is not all.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    records: list[Record] = []
    try:
        places = places_of(topics)
        consumer.assign(places)
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, begins[place])
        left = {place for place in places if begins[place] < ends[place]}
        until = monotonic() + READ_S
        while left:
            if monotonic() > until:
                raise TimeoutError(f"{len(left)} partitions are not read to their end")
            for place, batch in (
                await consumer.getmany(timeout_ms=300, max_records=20_000)
            ).items():
                records += [
                    Record(r.topic, r.partition, r.offset, r.value or b"", dict(r.headers))
                    for r in batch
                ]
                until = monotonic() + READ_S
                if batch[-1].offset + 1 >= ends[place]:
                    left.discard(place)
    finally:
        await consumer.stop()
    return records


async def ends(bootstrap: str, topics: Collection[str]) -> dict[tuple[str, int], int]:
    """The next offset of each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        end_offsets = await consumer.end_offsets(places_of(topics))
        return {(place.topic, place.partition): end for place, end in end_offsets.items()}
    finally:
        await consumer.stop()


async def committed(bootstrap: str, group: str) -> dict[tuple[str, int], int]:
    """How far a group has told Kafka that it is."""
    async with _Admin(bootstrap) as admin:
        told = await admin.list_consumer_group_offsets(group)
    return {(place.topic, place.partition): at.offset for place, at in told.items()}


def asks_to_commit(sent: bytes) -> bool:
    """Whether one of the requests in these bytes is OffsetCommit (API key 8).

    >>> asks_to_commit(bytes.fromhex("00000004000c0000" "0000000400080009"))
    True
    """
    at = 0
    while at + 6 <= len(sent):
        if int.from_bytes(sent[at + 4 : at + 6], "big") == OFFSET_COMMIT:
            return True
        at += 4 + int.from_bytes(sent[at : at + 4], "big")
    return False


async def produce(
    bootstrap: str, topic: str, values: Sequence[bytes], *, partition: int = 0
) -> None:
    """Records of nobody we know."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=512 * 1024)
    await producer.start()
    try:
        headers = [("ce_id", b"x"), ("ce_source", b"/y")]
        waiting = [
            await producer.send(topic, value, key=b"d:x", partition=partition, headers=headers)
            for value in values
        ]
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()


async def delete_unread(bootstrap: str, topic: str) -> None:
    """Delete all records of a topic, as a retention that is too short does."""
    where = await ends(bootstrap, [topic])
    async with _Admin(bootstrap) as admin:
        await admin.delete_records(
            {TopicPartition(*p): RecordsToDelete(before_offset=end) for p, end in where.items()}
        )


async def make_anew(bootstrap: str, topic: str, *, partitions: int | None = None) -> None:
    """Delete a topic and make it again."""
    wanted = partitions or BY_NAME[topic].partitions
    async with _Admin(bootstrap) as admin:
        await admin.delete_topics([topic])
        await until(lambda: _is_gone(admin, topic), 20, f"{topic} deleted", every_s=0.02)
        new = NewTopic(topic, wanted, 1, topic_configs={"message.timestamp.type": "LogAppendTime"})
        await until(lambda: _is_made(admin, new), 20, f"{topic} made again", every_s=0.05)


async def _is_gone(admin: Any, topic: str) -> bool:
    return topic not in await admin.list_topics()


async def _is_made(admin: Any, new: NewTopic) -> bool:
    return bool((await admin.create_topics([new])).topic_errors[0][1] == 0)


class _Admin:
    """An administrator for one task."""

    def __init__(self, bootstrap: str) -> None:
        self._admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)

    async def __aenter__(self) -> Any:
        await self._admin.start()
        return self._admin

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()


def decoded(value: bytes) -> dict[str, Any] | None:
    """A record as an event; None where it is none."""
    try:
        document = json.loads(value)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
