"""How every topic stands with every group that should read it: lag, progress, members, state.

Source of the rules: Burrow and kminion, as taken over in the support research: committed offsets
are read before end offsets, so that lag is never negative; a group is declared, so one that is not
there at all is MISSING and not forgotten; a sample that cannot be trusted is UNKNOWN, never OK.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from aiokafka.errors import KafkaError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import clock, log
from shared.db import offsets as rows
from shared.db import trouble
from shared.db.offsets import Partition
from shared.events.topics import TOPICS, Topic
from shared.stream.cluster import Where
from shared.stream.group_offsets import Look, Seen, looking
from shared.stream.lag import Progress, State, judge

SAMPLE_S = 10.0  # longer than this Kafka did not answer
KEPT_S = 2.0  # readers within this time share a sample
RENEW_S = 5.0  # for whoever takes older ones
LOOKED_S = 60.0  # as long after the last look samples are still taken

_log = log.get("stream.topic_health")


@dataclass(frozen=True, slots=True)
class TopicHealth:
    """One topic and one group that reads it.

    Attributes:
        group: None for a topic nobody of ours reads.
        lag_messages: records behind the end, all partitions; beacons are records too.
        lag_seconds: how long the oldest unread record has been waiting; 0 without lag.
        last_progress: when a committed offset was last seen to move, None before this process
            has seen one move.
        members: processes in the group.
        why: the state in words.
    """

    topic: str
    group: str | None
    partitions: int
    lag_messages: int | None
    lag_seconds: float | None
    last_progress: datetime | None
    members: int | None
    state: State
    why: str


@dataclass(frozen=True)
class Sample:
    """All of them at one moment (the computer's clock)."""

    at: datetime
    topics: tuple[TopicHealth, ...]


Rows = Callable[[], Awaitable[Mapping[Partition, int]]]
"""Where one group stands by its own database: the truth; Kafka's committed offsets follow it."""


def rows_of(engine: AsyncEngine) -> Rows:
    """Where the service of this database stands."""

    async def read() -> Mapping[Partition, int]:
        async with engine.connect() as connection:
            positions = await rows.read(connection)
        return {place: position.next_offset for place, position in positions.items()}

    return read


class TopicWatch:
    """Samples of one process; remembers between them when offsets moved.

    Raises nothing when Kafka is away: every state is UNKNOWN then. Whoever takes older samples gets them
    at once while `run` renews them: by the same connections, for all who look, as long as somebody does.

    Args:
        own: the group whose database is at hand, and what reads it.
    """

    def __init__(
        self,
        kafka: Where,
        topics: Sequence[Topic] = TOPICS,
        kept_s: float = KEPT_S,
        own: tuple[str, Rows] | None = None,
    ) -> None:
        self._kafka = kafka
        self._own = own
        self._topics = topics
        self._kept_s = kept_s
        self._progress: dict[tuple[str, str], Progress] = {}
        self._samples: dict[str | None, tuple[float, Sample]] = {}
        self._lock = asyncio.Lock()
        self._looked: dict[str | None, float] = {}
        self._somebody_looks = asyncio.Event()
        self._runs = False
        self._open = AsyncExitStack()
        self._look: Look | None = None

    async def sample(self, group: str | None = None, within_s: float = 0.0) -> Sample:
        """The present state; of one group Kafka is asked a quarter as much.

        Args:
            within_s: how old it may be, if more than `kept_s`; it is renewed for the next who looks.
        """
        if group is not None and not _of(self._topics, group):
            return Sample(clock.wall_now(), ())
        if within_s > self._kept_s:
            self._looked[group] = clock.monotonic()
            self._somebody_looks.set()
        return self._kept(group, within_s) or await self._renewed(group, self._kept_s)

    @property
    def is_looked_on(self) -> bool:
        """Whether somebody has looked lately who takes older samples."""
        return self._somebody_looks.is_set()

    async def run(self) -> None:
        """Renew the samples of those who take older ones, until cancelled."""
        self._runs = True
        try:
            while True:
                await self._somebody_looks.wait()
                await asyncio.sleep(RENEW_S)
                gone_s = clock.monotonic() - LOOKED_S
                self._looked = {group: at for group, at in self._looked.items() if at > gone_s}
                for group in tuple(self._looked):
                    await self._renewed(group, 0.0)
                if not self._looked:
                    self._somebody_looks.clear()
                    await self._close()
        finally:
            self._runs = False
            await self._open.aclose()

    def _kept(self, group: str | None, within_s: float) -> Sample | None:
        taken_s, sample = self._samples.get(group, (0.0, None))
        return sample if clock.monotonic() - taken_s <= within_s else None

    async def _renewed(self, group: str | None, within_s: float) -> Sample:
        """A sample at most so old; those who come while it is taken share it."""
        async with self._lock:
            kept = self._kept(group, within_s)
            if kept is None:
                kept = await self._take(self._topics if group is None else _of(self._topics, group))
                self._samples[group] = clock.monotonic(), kept
            return kept

    async def _close(self) -> None:
        """End the connections that are kept."""
        async with self._lock:
            self._look = None
            await self._open.aclose()

    @asynccontextmanager
    async def _looking(self) -> AsyncIterator[Look]:
        """The connections that are kept while somebody looks, or some for this once."""
        if not (self._runs and self._looked):
            async with looking(self._kafka) as look:
                yield look
            return
        if self._look is None:
            self._look = await self._open.enter_async_context(looking(self._kafka))
        try:
            yield self._look
        except BaseException:
            self._look = None
            await self._open.aclose()
            raise

    async def _take(self, topics: Sequence[Topic]) -> Sample:
        try:
            async with asyncio.timeout(SAMPLE_S), self._looking() as look:
                seen = await look(topics, await self._owned())
        except (KafkaError, OSError, TimeoutError) as error:
            _log.warning("no sample of the topics", extra={"error": type(error).__name__})
            why = f"Kafka did not answer ({type(error).__name__})"
            now = clock.wall_now()
            return Sample(now, tuple(_unknown(t, g, why) for t, g in _rows(topics)))
        now = clock.wall_now()
        return Sample(now, tuple(self._health(t, g, seen, now) for t, g in _rows(topics)))

    async def _owned(self) -> dict[str, Mapping[Partition, int]]:
        """What the database says, before ends are asked for; nothing while it is away."""
        if self._own is None:
            return {}
        group, read = self._own
        try:
            return {group: await read()}
        except Exception as error:
            if not trouble.is_passing(error):
                raise
            return {}

    def _health(self, topic: Topic, group: str | None, seen: Seen, now: datetime) -> TopicHealth:
        count = seen.partitions.get(topic.name)
        if count is None:
            return _unknown(topic, group, "the topic does not exist", "MISSING")
        if count != topic.partitions:
            why = f"the topic has {count} partitions, the table says {topic.partitions}"
            return _unknown(topic, group, why, "MISSING")
        if group is None:
            return TopicHealth(topic.name, None, count, None, None, None, None, "OK", "")
        offsets = {
            place.partition: offsets_of_group
            for place, offsets_of_group in seen.offsets[group].items()
            if place.topic == topic.name
        }
        progress = self._progress.setdefault((topic.name, group), Progress())
        progress.note({number: offset.committed for number, offset in offsets.items()}, now)
        members = seen.members.get(group, 0)
        judged = judge(topic.name, group, offsets, members, progress, now)
        return TopicHealth(
            topic.name,
            group,
            count,
            judged.lag_messages,
            judged.lag_seconds,
            progress.last,
            members,
            judged.state,
            judged.why,
        )


async def topic_health(kafka: Where, topics: Sequence[Topic] = TOPICS) -> list[TopicHealth]:
    """One sample, without the memory of earlier ones: never STALLED."""
    return list((await TopicWatch(kafka, topics).sample()).topics)


def _of(topics: Sequence[Topic], group: str) -> Sequence[Topic]:
    return [replace(topic, consumers=(group,)) for topic in topics if group in topic.consumers]


def _rows(topics: Sequence[Topic]) -> list[tuple[Topic, str | None]]:
    return [(topic, group) for topic in topics for group in topic.consumers or (None,)]


def _unknown(
    topic: Topic, group: str | None, why: str, state: Literal["UNKNOWN", "MISSING"] = "UNKNOWN"
) -> TopicHealth:
    return TopicHealth(topic.name, group, topic.partitions, None, None, None, None, state, why)
