"""From MQTT to Kafka: one sender for the whole process, PUBACK only after Kafka's ack."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple

from services.ingest.domain.buckets.gathering import Gathering
from services.ingest.domain.failure import failure
from services.ingest.domain.messages.acks import Acks, Answer
from services.ingest.domain.messages.message import Message
from services.ingest.domain.rejects.rejects import answer
from services.ingest.edges.buckets.inbox import Inbox
from services.ingest.edges.messages.chunks import (
    RETRY_S,
    SAY_EVERY_S,
    Chunks,
    PlanStore,
    Registry,
)
from services.ingest.edges.messages.sending import Sender
from services.ingest.handlers.messages.on_messages import Planner
from services.ingest.handlers.messages.plan import Plan
from shared import log, metrics
from shared.clock import monotonic
from shared.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.ingest.edges.buckets.session import Session

TICK_S = 0.25  # how exact times of acks are
FINISH_S = 10.0  # for the chunk in hand, at shutdown

_log = log.get("ingest.bridge")


class Pace(NamedTuple):
    """How much at once: messages to Kafka, a small chunk's longest wait for more, acks at shutdown."""

    chunk: int
    wait_s: float
    acks_per_s: int


class Bridge:
    """Takes what the sessions deliver, in order; never acknowledges what is not safe.

    Acknowledgements keep the receive order, so one message that waits (for the registry, for a
    leaderless partition) holds back those behind it on its connection: Kafka has them, but after
    Receive Maximum of them that bucket's broker queue waits, too. Nothing is lost by it.

    Attributes:
        sessions: by bucket.
        read, told: PUBLISH packets of the broker to us and of ours to it, since the start.
        unknown_stored: told the sources whose messages have been stored as `unknown_device`.
    """

    def __init__(
        self,
        planner: Planner,
        registry: Registry,
        plans: PlanStore,
        kafka: Sender,
        acks: Acks,
        pace: Pace,
    ) -> None:
        self.sessions: dict[str, Session] = {}
        self.read = self.told = 0
        self.unknown_stored: Callable[[set[str]], object] = len
        self._chunks = Chunks(planner, registry, plans, kafka, self)
        self._acks = acks
        self._pace = pace
        self._inbox = Inbox()
        self._gathering = Gathering(pace.wait_s)
        self._arrived = asyncio.Event()
        self._stopping = False
        self._said = 0.0

    def forget(self, connection: object) -> None:
        """A connection has ended: the broker sends again what came on it and was not settled."""
        self._inbox.forget(connection)
        self._chunks.forget(connection)

    def deliver(self, messages: list[Message]) -> None:
        """Messages that have just been read."""
        self._inbox.add(messages)
        self._arrived.set()
        self._gathering.came(len(messages), monotonic())
        metrics.MESSAGES.inc(len(messages))
        if messages and messages[0].connection is not None:  # else it is judged again
            self.read += len(messages)

    def wake(self) -> None:
        """What is held may go on: do not wait for the next look."""
        self._arrived.set()

    @property
    def away_s(self) -> float | None:
        """How long PostgreSQL has been away, None when it is not."""
        return self._chunks.away_s

    @property
    def kafka_away_s(self) -> float | None:
        """How long Kafka has not taken the chunk in hand, None while it takes them as usual."""
        return self._chunks.kafka_away_s

    async def run(self) -> None:
        """Work until cancelled; then finish the chunk in hand, tell acks, and leave the broker."""
        sender = asyncio.create_task(self._send(), name="sender")
        ticker = asyncio.create_task(self._tick(), name="acks")
        stays = [asyncio.create_task(s.run(), name=f"bucket {b}") for b, s in self.sessions.items()]
        tasks = [sender, ticker, *stays]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._stopping = True
            self._arrived.set()
            await asyncio.wait([sender], timeout=FINISH_S)
            ticker.cancel()
            await self._tell_slowly(list(self._acks.flush()))
            await asyncio.gather(*(session.stop() for session in self.sessions.values()))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self) -> None:
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                waiting = bool(self._chunks.held or self._chunks.unsaved)
                async with asyncio.timeout(RETRY_S if waiting else None):
                    await self._arrived.wait()
            wait_s = self._gathering.wait_s(len(self._inbox))
            if wait_s:
                await asyncio.sleep(wait_s)
            self._arrived.clear()
            began = monotonic()
            await self._chunk(self._take())
            metrics.PROCESSING_SECONDS.observe(monotonic() - began)
            if self._inbox:
                self._arrived.set()

    async def _chunk(self, messages: list[Message]) -> None:
        """Take it; whatever fails that the chunks did not see coming is named and tried again."""
        try:
            await self._chunks.take(messages)
        except BadSettings:
            raise
        except Exception as error:  # noqa: BLE001 - the net
            _log.error("a chunk of %d messages failed: again", len(messages), extra=failure(error))
            self._chunks.held = [m for m in messages if not m.settled]
            await asyncio.sleep(RETRY_S)

    def _take(self) -> list[Message]:
        """What waited for the registry first, then what has come since."""
        messages, self._chunks.held = self._chunks.held, []
        return messages + self._inbox.take(self._pace.chunk)

    def sent(self, plan: Plan) -> None:
        """Kafka has the records of a plan."""
        now, confirm = monotonic(), self._acks.confirm
        for address, boot, seq in plan.confirmed:
            confirm(address, boot, seq, now)
        for address, number in plan.asks:
            self._acks.ask(address, number, now)
        metrics.ASKS.inc(len(plan.asks))
        for topic, count in plan.accepted.items():
            metrics.ACCEPTED.labels(topic=topic).inc(count)
        self._tell(list(self._acks.due(now)))

    def stored(self, plan: Plan) -> None:
        """The rows of a plan are safe, too."""
        unknown = {r.source for _, r in plan.rejects if r.reason == "unknown_device"}
        if unknown:
            self.unknown_stored(unknown)
        for _, reject in plan.rejects:
            metrics.REJECTS.labels(reason=reject.reason).inc(reject.elements)
        self._tell([answer(a, reject) for a, reject in plan.rejects if a.problem != "bad_topic"])

    def _tell(self, answers: list[Answer]) -> None:
        by_bucket: dict[str, list[Answer]] = {}
        for told in answers:
            by_bucket.setdefault(told.bucket, []).append(told)
        for bucket, several in by_bucket.items():
            if bucket in self.sessions:
                sent = self.sessions[bucket].send(several)
                metrics.APP_ACKS.inc(sent)
                self.told += sent

    async def _tell_slowly(self, answers: list[Answer]) -> None:
        """At a bounded rate: a restart must not flood the broker."""
        step = max(1, self._pace.acks_per_s // 10)
        for start in range(0, len(answers), step):
            self._tell(answers[start : start + step])
            await asyncio.sleep(0.1 if start + step < len(answers) else 0)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._tell(list(self._acks.due(monotonic())))
            if self.kafka_away_s is not None and monotonic() - self._said >= SAY_EVERY_S:
                self._said = monotonic()
                _log.warning(
                    "waiting for Kafka, %.0f s; %d messages wait unacknowledged",
                    self.kafka_away_s, len(self._inbox),
                )  # fmt: skip
