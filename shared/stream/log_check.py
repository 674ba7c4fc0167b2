"""Is the log the one we have read? Re-read the record before each offset and compare."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from shared.clock import monotonic
from shared.db.offsets import Partition, Position
from shared.events.codec import header
from shared.events.topics import BY_NAME
from shared.stream import clients
from shared.stream.batch import moment
from shared.stream.cluster import Where, options

READ_S = 10.0
COMPACTED_S = 1.0  # what was compacted away cannot be read, however long one waits


@dataclass(frozen=True, slots=True)
class Span:
    """First and end offset of a partition."""

    begin: int
    end: int


def verdict(position: Position, span: Span, before: ConsumerRecord | None) -> str | None:
    """Why the log cannot be trusted, in words for on-call; None when it is the one we have read.

    A topic that was recreated and has grown again holds another record before our offset; reading
    on would skip what stands there in silence (proved, protocol-review 7). So does a broker that
    came back without its last second and was written to since.
    """
    at = position.next_offset
    if at > span.end:
        return f"we have read up to offset {at}, the log ends at {span.end}: it was recreated"
    if at < span.begin and not BY_NAME[position.topic].compacted:
        return f"offsets {at} to {span.begin - 1} were deleted before we read them"
    if position.last_at is None or at <= span.begin:
        return None
    if before is None or before.offset != at - 1:
        if BY_NAME[position.topic].compacted:
            return None
        return f"the record at offset {at - 1}, which we have applied, is gone"
    same = header(before.headers, "ce_id") == position.last_id
    if not same or moment(before.timestamp) != position.last_at:
        return f"another record stands at offset {at - 1} than the one we have applied"
    return None


async def check(kafka: Where, positions: Sequence[Position]) -> dict[Partition, str]:
    """Compare the log before each position; returns what is wrong, by partition.

    Raises: KafkaError: it could not be read; nothing is known then.
    """
    known = [p for p in positions if p.last_at is not None]
    if not known:
        return {}
    try:
        return await _compare(kafka, known)
    except TimeoutError:
        raise KafkaTimeoutError from None


async def _compare(kafka: Where, known: Sequence[Position]) -> dict[Partition, str]:
    reader = AIOKafkaConsumer(
        **options(kafka),
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=100,
        max_partition_fetch_bytes=256 * 1024,
    )
    try:
        async with asyncio.timeout(READ_S):  # each of these tries for ever
            await reader.start()
            places = [TopicPartition(*p.key) for p in known]
            begins = await reader.beginning_offsets(places)
            ends = await reader.end_offsets(places)
        spans = {p.key: Span(begins[tp], ends[tp]) for p, tp in zip(known, places, strict=True)}
        wanted = {
            p.key: p.next_offset - 1
            for p in known
            if spans[p.key].begin < p.next_offset <= spans[p.key].end
        }
        before = await _read(reader, wanted)
    finally:
        await clients.close(reader, READ_S)
    verdicts = {p.key: verdict(p, spans[p.key], before.get(p.key)) for p in known}
    return {place: why for place, why in verdicts.items() if why is not None}


async def _read(
    reader: AIOKafkaConsumer, wanted: dict[Partition, int]
) -> dict[Partition, ConsumerRecord]:
    """The first record at or after each wanted offset."""
    if not wanted:
        return {}
    reader.assign([TopicPartition(*place) for place in wanted])
    for place, offset in wanted.items():
        reader.seek(TopicPartition(*place), offset)
    first_records: dict[Partition, ConsumerRecord] = {}
    lasting = {place for place in wanted if not BY_NAME[place[0]].compacted}
    patient_until = monotonic() + COMPACTED_S
    async with asyncio.timeout(READ_S):
        while first_records.keys() < wanted.keys():
            if lasting <= first_records.keys() and monotonic() > patient_until:
                break
            for tp, records in (await reader.getmany(timeout_ms=500)).items():
                first_records.setdefault((tp.topic, tp.partition), records[0])
    return first_records
