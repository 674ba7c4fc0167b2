"""What is told to the outside of how far we are: Kafka's own committed offsets, the lag."""

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared import log, metrics
from shared.db.offsets import Partition, Position

COMMIT_S = 5.0

_log = log.get("stream.told")


class Told:
    """Partitions of which Kafka has not been told yet where our database stands."""

    def __init__(self) -> None:
        self._untold: set[Partition] = set()

    def moved(self, place: Partition) -> None:
        """The database stands elsewhere than Kafka was told."""
        self._untold.add(place)

    def forget(self, place: Partition) -> None:
        """Another process tells of it from now on."""
        self._untold.discard(place)

    async def tell(self, member: AIOKafkaConsumer, positions: Mapping[Partition, Position]) -> None:
        """Commit what was not committed; what Kafka does not take is tried again the next time."""
        assigned = member.assignment()
        _show_lag(member, positions)
        places = {
            place
            for place in self._untold
            if place in positions and TopicPartition(*place) in assigned
        }
        if not places:
            return
        done = {TopicPartition(*place): positions[place].next_offset for place in places}
        self._untold -= places  # what moves meanwhile is told the next time
        try:
            async with asyncio.timeout(COMMIT_S):
                await member.commit(done)
        except (KafkaError, TimeoutError):
            self._untold |= places
            _log.info("Kafka did not take our offsets; only outside tools miss them")


def _show_lag(member: AIOKafkaConsumer, positions: Mapping[Partition, Position]) -> None:
    metrics.LAG.clear()
    for tp in member.assignment():
        end, position = member.highwater(tp), positions.get((tp.topic, tp.partition))
        if end is not None and position is not None:
            behind = max(0, end - position.next_offset)
            metrics.LAG.labels(topic=tp.topic, partition=str(tp.partition)).set(behind)
