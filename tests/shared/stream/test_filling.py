"""Batches filled in one go hold what aiokafka's own way of filling them would have put there."""

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from shared.stream.filling import batches
from shared.stream.producer import Outgoing

MOST = 1_000


def outgoing(n: int, size: int) -> Outgoing:
    key = None if n % 3 == 0 else b"k%d" % n
    return Outgoing(
        "device.usage", 0, key, b"%d" % n * size, [("ce_id", b"%d" % n), ("empty", b"")]
    )


def read(batch: BatchBuilder) -> list:
    """What Kafka would read in it."""
    records = MemoryRecords(bytes(batch._build())).next_batch()
    return [(r.offset, r.key, r.value, list(r.headers)) for r in records]


def own_way(records: list[Outgoing]) -> list[BatchBuilder]:
    """As aiokafka fills them: record by record."""
    filled = [BatchBuilder(MOST, 0)]
    for record in records:
        told = {"key": record.key, "value": record.value, "headers": record.headers}
        if filled[-1].append(timestamp=None, **told) is None:
            filled.append(BatchBuilder(MOST, 0))
            filled[-1].append(timestamp=None, **told)
    return filled


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([1], id="one"),
        pytest.param([10] * 500, id="many"),
        pytest.param([1, 5_000, 1, 5_000, 5_000], id="larger than a batch, among others"),
        pytest.param([5_000], id="larger than a batch, alone"),
    ],
)
def test_batches_are_as_aiokafka_fills_them(sizes):
    records = [outgoing(n, size) for n, size in enumerate(sizes)]
    ours, theirs = list(batches(records, MOST)), own_way(records)
    assert [batch.record_count() for batch in ours] == [batch.record_count() for batch in theirs]
    assert [batch.closed() for batch in ours] == [batch.closed() for batch in theirs]
    assert [read(batch) for batch in ours] == [read(batch) for batch in theirs]
    assert sum(batch.record_count() for batch in ours) == len(records)
