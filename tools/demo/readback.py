"""Read the telemetry topics back from Kafka: which ids are there, how often."""

import asyncio
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.events.topics import BY_NAME
from tools.fleet.ledger import TOPICS, Key
from tools.fleet.ranges import Ranges

READ_S = 120.0
POLL = 20_000


@dataclass
class ReadBack:
    """Ids found per topic, and records that repeat one.

    Attributes:
        ids: distinct sequenced ids, by topic and (source, stream, boot).
        repeated: records beyond the first of an id.
        unsequenced: records whose id is a content hash.
    """

    ids: dict[str, dict[Key, Ranges]] = field(default_factory=lambda: {t: {} for t in TOPICS})
    repeated: int = 0
    unsequenced: int = 0

    def counts(self) -> dict[str, int]:
        """Distinct ids by topic."""
        return {topic: sum(map(len, found.values())) for topic, found in self.ids.items()}


async def read_back(bootstrap: str) -> ReadBack:
    """Read every partition of the telemetry topics from its beginning to its present end."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    made = ReadBack()
    try:
        places = [TopicPartition(t, p) for t in TOPICS for p in range(BY_NAME[t].partitions)]
        ends = await consumer.end_offsets(places)
        begins = await consumer.beginning_offsets(places)
        left = {tp for tp in places if begins[tp] < ends[tp]}
        consumer.assign(sorted(left))
        async with asyncio.timeout(READ_S):
            while left:
                got = await consumer.getmany(*left, timeout_ms=200, max_records=POLL)
                for tp, records in got.items():
                    _take(made, tp.topic, records)
                    if records[-1].offset + 1 >= ends[tp]:
                        left.discard(tp)
                        consumer.pause(tp)
    finally:
        await consumer.stop()
    return made


def _take(made: ReadBack, topic: str, records: list[object]) -> None:
    found = made.ids[topic]
    for record in records:
        source = id_ = b""
        for name, value in record.headers:  # type: ignore[attr-defined]
            if name == "ce_id":
                id_ = value
            elif name == "ce_source":
                source = value
        boot, _, seq = id_.decode().partition(":")
        _, name, stream = (source.decode() + "//").split("/")[:3]
        if not seq.isdigit():
            made.unsequenced += boot == "h"
            continue
        ranges = found.setdefault((name, stream, boot), Ranges())
        number = int(seq)
        if number in ranges:
            made.repeated += 1
        else:
            ranges.add(number, number)
