"""From MQTT to Kafka: one sender for the whole process, PUBACK only after Kafka's ack."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from services.ingest.domain.acks import Acks, Answer
from services.ingest.domain.message import Message
from services.ingest.domain.rejects import answer
from services.ingest.errors import Away
from services.ingest.handlers.on_messages import Planner
from services.ingest.handlers.plan import Plan, Sources
from shared import log, metrics
from shared.clock import monotonic
from shared.stream.producer import Outgoing

if TYPE_CHECKING:
    from services.ingest.edges.session import Session

RETRY_S = 1.0  # between attempts at a database that is away
TICK_S = 0.25  # how exact times of acks are
FINISH_S = 10.0  # for the chunk in hand, at shutdown
SMALL = 200  # messages: a larger chunk does not wait for more
SAY_EVERY_S = 10.0
SLOW_S = 2.0  # a chunk that Kafka has not taken by then is worth a word

_log = log.get("ingest.bridge")


class Registry(Protocol):
    """Who is who. Raises Away."""

    def known(self, ids: Iterable[str]) -> tuple[Sources, set[str]]: ...  # cached, and missing
    async def fetch(self, ids: set[str]) -> Sources: ...


class Keeper(Protocol):
    """Stores what a plan wants stored, in one transaction. Raises Away."""

    async def save(self, plan: Plan) -> None: ...
    def hear(self, plan: Plan) -> None: ...


class Sender(Protocol):
    """Kafka."""

    async def send(self, records: Sequence[Outgoing]) -> None: ...


class Pace(NamedTuple):
    """How much at once: messages to Kafka, a small chunk's wait for more, acks at shutdown."""

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
        keeper: Keeper,
        kafka: Sender,
        acks: Acks,
        pace: Pace,
    ) -> None:
        self.sessions: dict[str, Session] = {}
        self.read = self.told = 0
        self.unknown_stored: Callable[[set[str]], object] = len
        self._planner = planner
        self._registry = registry
        self._keeper = keeper
        self._kafka = kafka
        self._acks = acks
        self._pace = pace
        self._inbox: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._stopping = False
        self._held: list[Message] = []
        self._unsaved: deque[Plan] = deque()
        self._retry_at = 0.0
        self._away_since: float | None = None
        self._said = 0.0
        self._sending_since: float | None = None

    def forget(self, connection: object) -> None:
        """A connection has ended: the broker sends again what came on it and was not settled."""
        again = [m for m in self._inbox if m.connection is not connection or m.packet_id is None]
        self._inbox = deque(again)
        self._held = [
            m for m in self._held if m.connection is not connection or m.packet_id is None
        ]

    def deliver(self, messages: list[Message]) -> None:
        """Messages that have just been read."""
        self._inbox.extend(messages)
        self._arrived.set()
        metrics.MESSAGES.inc(len(messages))
        if messages and messages[0].connection is not None:  # else it is judged again
            self.read += len(messages)

    @property
    def away_s(self) -> float | None:
        """How long PostgreSQL has been away, None when it is not."""
        return None if self._away_since is None else monotonic() - self._away_since

    @property
    def kafka_away_s(self) -> float | None:
        """How long Kafka has not taken the chunk in hand, None while it takes them as usual."""
        since = self._sending_since
        waited = 0.0 if since is None else monotonic() - since
        return waited if waited > SLOW_S else None

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
                waiting = bool(self._held or self._unsaved)
                await asyncio.wait_for(self._arrived.wait(), RETRY_S if waiting else None)
            if self._pace.wait_s and len(self._inbox) < SMALL:
                await asyncio.sleep(self._pace.wait_s)
            self._arrived.clear()
            began = monotonic()
            await self._chunk(self._take())
            metrics.PROCESSING_SECONDS.observe(monotonic() - began)
            if self._inbox:
                self._arrived.set()

    def _take(self) -> list[Message]:
        """What waited for the registry first, then what has come since."""
        messages, self._held = self._held, []
        inbox = self._inbox
        room = self._pace.chunk
        if len(inbox) <= room:
            messages.extend(inbox)
            inbox.clear()
        else:
            messages.extend(inbox.popleft() for _ in range(room))
        return messages

    async def _chunk(self, messages: list[Message]) -> None:
        await self._save_unsaved()
        blocked = {reject.source for plan in self._unsaved for _, reject in plan.rejects}
        blocked |= {fact.source for plan in self._unsaved for fact in plan.facts}
        sources, complete = await self._look_up(messages)
        plan = self._planner.plan(messages, sources, complete=complete, blocked=blocked)
        self._held = plan.held
        if plan.records:
            self._sending_since = monotonic()
            await self._kafka.send(plan.records)
            self._sending_since = None
        self._keeper.hear(plan)
        saved = not plan.writes or (not self._unsaved and await self._save(plan))
        if not saved:
            self._unsaved.append(plan)
        self._settle(plan, saved)
        self._confirm(plan)
        if saved:
            self._answer_rejects(plan)

    async def _look_up(self, messages: list[Message]) -> tuple[Sources, bool]:
        """The sources that speak; False: some could not be looked up."""
        sources, missing = self._registry.known(self._planner.sources_of(messages))
        if not missing:
            return sources, True
        if monotonic() < self._retry_at:
            return sources, False
        try:
            sources.update(await self._registry.fetch(missing))
        except Away as error:
            self._away(error)
            return sources, False
        self._back()
        return sources, True

    async def _save(self, plan: Plan) -> bool:
        if monotonic() < self._retry_at:
            return False
        try:
            await self._keeper.save(plan)
        except Away as error:
            self._away(error)
            return False
        self._back()
        return True

    async def _save_unsaved(self) -> None:
        while self._unsaved and await self._save(self._unsaved[0]):
            plan = self._unsaved.popleft()
            self._settle(plan, True)
            self._answer_rejects(plan)

    def _settle(self, plan: Plan, saved: bool) -> None:
        """Acknowledge to the broker what is safe, in receive order per connection."""
        for message in plan.taken:
            message.settled = True
        if not saved:
            for message in plan.bound:
                message.settled = False
        acknowledged = 0
        for connection in {message.connection for message in plan.taken}:
            if connection is not None:
                acknowledged += connection.settle()
        metrics.PUBACKS.inc(acknowledged)

    def _confirm(self, plan: Plan) -> None:
        now, confirm = monotonic(), self._acks.confirm
        for address, boot, seq in plan.confirmed:
            confirm(address, boot, seq, now)
        for address, number in plan.asks:
            self._acks.ask(address, number, now)
        metrics.ASKS.inc(len(plan.asks))
        for topic, count in plan.accepted.items():
            metrics.ACCEPTED.labels(topic=topic).inc(count)
        self._tell(list(self._acks.due(now)))

    def _answer_rejects(self, plan: Plan) -> None:
        unknown = {r.source for _, r in plan.rejects if r.reason == "unknown_device"}
        if unknown:
            self.unknown_stored(unknown)
        for _, reject in plan.rejects:
            metrics.REJECTS.labels(reason=reject.reason).inc(reject.elements)
        self._tell([answer(a, reject) for a, reject in plan.rejects if a.problem != "bad_topic"])

    def _tell(self, answers: list[Answer]) -> None:
        by_bucket: dict[str, list[Answer]] = {}
        for each in answers:
            by_bucket.setdefault(each.bucket, []).append(each)
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

    def _away(self, error: Away) -> None:
        now = monotonic()
        self._retry_at = now + RETRY_S
        if self._away_since is None:
            self._away_since = now
        elif now - self._said < SAY_EVERY_S:
            return
        self._said = now
        _log.warning(
            "waiting for PostgreSQL, %.0f s; %d messages held back, the rest goes on",
            now - self._away_since, len(self._held), extra={"error": str(error)[:200]},
        )  # fmt: skip

    def _back(self) -> None:
        if self._away_since is not None:
            _log.info("PostgreSQL is back after %.0f s", monotonic() - self._away_since)
            self._away_since = None
