"""Read the telemetry topics back from Kafka: which ids are there, how often."""

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.events.topics import BY_NAME
from tools.fleet.ledger import TOPICS, Key
from tools.fleet.ranges import Ranges

READ_S = 120.0
POLL = 5_000


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
        return {topic: sum(map(len, ids.values())) for topic, ids in self.ids.items()}


class Reader:
    """Reads every partition of the telemetry topics; may begin before all is there.

    Attributes:
        found: what has been read so far.
    """

    def __init__(self, bootstrap: str) -> None:
        self.found = ReadBack()
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=2 * 1024 * 1024,
            fetch_max_wait_ms=50,
        )
        self._places = [TopicPartition(t, p) for t in TOPICS for p in range(BY_NAME[t].partitions)]

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(self._places)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._consumer.stop()

    async def catch_up(self) -> ReadBack:
        """Read on to the present end of every partition. Raises TimeoutError."""
        ends = await self._consumer.end_offsets(self._places)
        left = {tp for tp in self._places if await self._consumer.position(tp) < ends[tp]}
        async with asyncio.timeout(READ_S):
            while left:
                got = await self._consumer.getmany(*left, timeout_ms=200, max_records=POLL)
                for tp, records in got.items():
                    _take(self.found, tp.topic, records)
                    if records[-1].offset + 1 >= ends[tp]:
                        left.discard(tp)
                await asyncio.sleep(0)
        return self.found


async def read_back(bootstrap: str) -> ReadBack:
    """Everything that is in Kafka now."""
    async with Reader(bootstrap) as reader:
        return await reader.catch_up()


def _take(readback: ReadBack, topic: str, records: list[object]) -> None:
    known = readback.ids[topic]
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
            readback.unsequenced += boot == "h"
            continue
        ranges = known.setdefault((name, stream, boot), Ranges())
        number = int(seq)
        if number in ranges:
            readback.repeated += 1
        else:
            ranges.add(number, number)
