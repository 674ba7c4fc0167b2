"""What the other services tell, read from the end and by no group: each process reads all of it.

Nothing is kept and nothing is committed: what a process has missed, its pages ask for again.
"""

import asyncio
from collections.abc import Sequence

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.console.domain.pages.changes import changes
from services.console.edges.changes.live import Live
from shared import log
from shared.clock import wall_now
from shared.events import codec
from shared.events.topics import looked_on_by
from shared.stream import clients
from shared.stream.cluster import Where, options

POLL_MS = 200
AGAIN_S = 2.0
CLOSE_S = 5.0
SILENT_S = 5.0  # looked at as often whether the client is still alive

_log = log.get("console.activity")


class Activity:
    """Reads the activity topics and notes their changes in the hub."""

    def __init__(self, kafka: Where, live: Live) -> None:
        self._kafka = kafka
        self._live = live
        self._topics = looked_on_by("console")

    async def run(self) -> None:
        """Read until cancelled; waits out Kafka."""
        while True:
            try:
                await self._read()
            except (KafkaError, OSError, TimeoutError) as error:
                _log.info("pages are not told now", extra={"error": type(error).__name__})
            await asyncio.sleep(AGAIN_S)

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(
            **options(self._kafka), group_id=None, enable_auto_commit=False,
            auto_offset_reset="latest", fetch_max_wait_ms=POLL_MS,
        )  # fmt: skip
        try:
            await consumer.start()
            places = [TopicPartition(t.name, n) for t in self._topics for n in range(t.partitions)]
            consumer.assign(places)
            await consumer.seek_to_end()
            for place in places:
                await consumer.position(place)  # only now it is the end that it reads from
            self._live.begins(_ms())
            while clients.dead(consumer) is None:
                polled = await consumer.getmany(timeout_ms=POLL_MS)
                for records in polled.values():
                    self._note(records)
        finally:
            await clients.close(consumer, CLOSE_S)

    def _note(self, records: Sequence[object]) -> None:
        for record in records:
            value, at_ms = getattr(record, "value", None), getattr(record, "timestamp", 0)
            if value is None:
                continue
            try:
                self._live.note(at_ms, changes(codec.decode(value)))
            except msgspec.DecodeError:
                continue  # of a newer release: whoever looks sees it with the next page


def _ms() -> int:
    return int(wall_now().timestamp() * 1000)
