"""Records of one partition as the batches that Kafka takes them in."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from aiokafka.producer.message_accumulator import BatchBuilder

from shared.events.codec import Headers

_UNCOMPRESSED = 0


class Record(Protocol):
    """What of a record goes into a batch."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes: ...
    @property
    def headers(self) -> Headers: ...


class Batch(BatchBuilder):  # type: ignore[misc]  # aiokafka has no types here
    """What `create_batch` gives, filled in one go: its `append` costs more than its work."""

    def fill(self, records: Sequence[Record], start: int) -> int:
        """Take records from `start` on while there is room, the first in any case; where it ended."""
        append = self._builder.append
        for offset, record in enumerate(islice(records, start, None)):
            if append(offset, None, record.key, record.value, record.headers) is None:
                self.close()
                return start + offset
            self._relative_offset = offset + 1
        return len(records)


def batches(records: Sequence[Record], most_bytes: int) -> Iterator[Batch]:
    """All of them, in order."""
    start = 0
    while start < len(records):
        batch = Batch(most_bytes, _UNCOMPRESSED)
        start = batch.fill(records, start)
        yield batch
