"""Up to when has everything in Kafka been applied, by whichever process? Decision 0005."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import log
from shared.clock import wall_now
from shared.db import offsets
from shared.db.offsets import Partition, Position
from shared.stream.contact import Contact, Mark

ASK_S = 5.0

_log = log.get("stream.read_up")


def up_to(position: Position | None, mark: Mark | None) -> datetime | None:
    """Up to when one partition has been read: pure. None: nobody can say.

    A log that ended, when it was asked, where we stand now has been read up to the moment of asking.
    Else up to the append time of the last record applied.
    """
    at_end = mark is not None and (0 if position is None else position.next_offset) >= mark.end
    last = None if position is None else position.last_at
    if mark is None or not at_end:
        return last
    return mark.sent_at if last is None else max(last, mark.sent_at)


class ReadUp:
    """Knows it of our own partitions by their fetches, of others' by their rows and by asking.

    A process sees its own partitions only, and in a rebalance none. The rows in the database are
    the truth for all of them, whoever applies: compared with ends that were asked for before the
    rows were read.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._best: dict[Partition, datetime] = {}
        self._asking: asyncio.Task[dict[Partition, Mark]] | None = None

    def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def ours(self, position: Position, contact: Contact) -> datetime | None:
        """Up to when this partition of ours has been read; never earlier than said before."""
        mark, best = up_to(position, contact.mark(position.key)), self._best.get(position.key)
        if mark is None or (best is not None and best >= mark):
            return best
        self._best[position.key] = mark
        return mark

    def forget(self, place: Partition) -> None:
        """Another process may read it from now on."""
        self._best.pop(place, None)

    async def others(
        self, member: AIOKafkaConsumer, places: Collection[Partition]
    ) -> datetime | None:
        """Up to when the partitions that others hold have been read; asks, and answers later.

        None: not known yet, or not at all. Raises what the database raises.
        """
        ends = self._answer(member, places)
        if ends is None or not ends.keys() >= set(places):
            return None
        async with self._engine.connect() as connection:
            rows = await offsets.read(connection)
        return lowest({place: up_to(rows.get(place), ends[place]) for place in places})

    def _answer(
        self, member: AIOKafkaConsumer, places: Iterable[Partition]
    ) -> dict[Partition, Mark] | None:
        if self._asking is None:
            self._asking = asyncio.create_task(_ask(member, places), name="ends of others")
        if not self._asking.done():
            return None
        asked, self._asking = self._asking, None
        try:
            return asked.result()
        except (KafkaError, OSError, TimeoutError) as error:
            _log.info("ends are not known", extra={"error": type(error).__name__})
            return None


def lowest(marks: Mapping[Partition, datetime | None]) -> datetime | None:
    """The earliest of them; None when one is not known."""
    times = [at for at in marks.values() if at is not None]
    return min(times) if len(times) == len(marks) and times else None


async def _ask(member: AIOKafkaConsumer, places: Iterable[Partition]) -> dict[Partition, Mark]:
    asked_at = wall_now()
    async with asyncio.timeout(ASK_S):
        ends = await member.end_offsets([TopicPartition(*place) for place in places])
    return {(tp.topic, tp.partition): Mark(asked_at, end) for tp, end in ends.items()}
