"""What is in Kafka, as far as the question needs it: ids of records, first and end offsets."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.db.offsets import Partition
from shared.events.codec import header
from shared.events.topics import BY_NAME
from shared.stream.batch import moment
from shared.stream.log_check import Span
from tools.local.errors import LocalError
from tools.reconcile.verdicts import Told

READ_S = 300.0
BEACON = "io.playcaller.beacon.v1"  # goes to every partition, and stands for no event


class Log:
    """A reader of Kafka that belongs to no group and commits nothing."""

    def __init__(self, bootstrap: str) -> None:
        self._reader = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        )

    async def __aenter__(self) -> "Log":
        await self._reader.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.stop()

    async def spans(self, topics: Iterable[str]) -> dict[Partition, Span]:
        """First and end offset of every partition of these topics that exists."""
        there = await self._reader.topics()
        places = [
            TopicPartition(name, n)
            for name in topics
            if name in there
            for n in range(BY_NAME[name].partitions)
        ]
        if not places:
            return {}
        begins = await self._reader.beginning_offsets(places)
        ends = await self._reader.end_offsets(places)
        return {(p.topic, p.partition): Span(begins[p], ends[p]) for p in places}

    async def records(self, topics: Collection[str], since: datetime) -> list[Told]:
        """Every record appended since then; of compacted topics every record there is.

        Raises: LocalError: it takes longer than five minutes.
        """
        spans = await self.spans(topics)
        starts = await self._starts(spans, since)
        left = {place: spans[place].end for place in starts if starts[place] < spans[place].end}
        told: list[Told] = []
        if not left:
            return told
        self._reader.assign([TopicPartition(*place) for place in left])
        for place in left:
            self._reader.seek(TopicPartition(*place), starts[place])
        try:
            async with asyncio.timeout(READ_S):
                while left:
                    got = await self._reader.getmany(timeout_ms=500)
                    for records in got.values():
                        told += [
                            Told(header(r.headers, "ce_id") or "", r.topic, moment(r.timestamp))
                            for r in records
                            if header(r.headers, "ce_type") != BEACON
                        ]
                    for place in list(left):
                        if await self._reader.position(TopicPartition(*place)) >= left[place]:
                            del left[place]
        except TimeoutError:
            raise LocalError(f"Kafka did not give all records of {', '.join(topics)}.") from None
        return told

    async def _starts(self, spans: dict[Partition, Span], since: datetime) -> dict[Partition, int]:
        wanted = {
            TopicPartition(*place): int(since.timestamp() * 1_000)
            for place in spans
            if not BY_NAME[place[0]].compacted
        }
        firsts = await self._reader.offsets_for_times(wanted) if wanted else {}
        starts = {place: span.begin for place, span in spans.items()}
        for place, first in firsts.items():
            where = place.topic, place.partition
            starts[where] = spans[where].end if first is None else first.offset
        return starts
