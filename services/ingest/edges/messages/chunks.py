"""One chunk after the other: look up, plan, store, send; whatever fails for good is taken apart."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Protocol

from services.ingest.domain.failure import failure
from services.ingest.domain.messages.message import Message
from services.ingest.edges.messages.sending import Sender, Sending
from services.ingest.errors import Away
from services.ingest.handlers.messages.on_messages import Planner
from services.ingest.handlers.messages.plan import Plan, Sources, Unclaimed
from services.ingest.handlers.messages.taken_out import take_out
from shared import log, metrics
from shared.clock import monotonic

RETRY_S = 1.0  # between attempts at a database that is away
SAY_EVERY_S = 10.0

_log = log.get("ingest.chunks")


class Registry(Protocol):
    """Who is who. Raises Away.

    Attributes:
        forgotten: how often it was told that something has changed.
    """

    forgotten: int

    def in_change(self) -> set[str]: ...  # sources that are being changed right now
    def known(self, ids: Iterable[str]) -> tuple[Sources, set[str]]: ...  # cached, and missing
    async def fetch(self, ids: set[str]) -> Sources: ...


class PlanStore(Protocol):
    """Stores what a plan wants stored. Raises Away."""

    async def save_facts(self, facts: Sequence[Unclaimed]) -> None: ...
    async def save(self, plan: Plan) -> None: ...
    def hear(self, plan: Plan) -> None: ...


class After(Protocol):
    """Told how far a plan is, in this order; each once."""

    def sent(self, plan: Plan) -> None: ...  # Kafka has its records
    def stored(self, plan: Plan) -> None: ...  # and its rows are there


class Chunks:
    """Args: after: is told when it is safe to acknowledge what.

    Attributes:
        held: messages whose source cannot be looked up now; give them again, in order.
        unsaved: plans whose rows could not be stored yet, oldest first, with what waits for facts.
    """

    def __init__(
        self, planner: Planner, registry: Registry, plans: PlanStore, kafka: Sender, after: After
    ) -> None:
        self.held: list[Message] = []
        self.unsaved: deque[tuple[Plan, Plan | None]] = deque()
        self._planner = planner
        self._registry = registry
        self._stored = plans
        self._sending = Sending(kafka)
        self._after = after
        self._retry_at = 0.0
        self._away_since: float | None = None
        self._said = 0.0

    @property
    def away_s(self) -> float | None:
        """How long PostgreSQL has been away, None when it is not."""
        return None if self._away_since is None else monotonic() - self._away_since

    @property
    def kafka_away_s(self) -> float | None:
        """How long Kafka has not taken the chunk in hand, None while it takes them as usual."""
        return self._sending.away_s

    def forget(self, connection: object) -> None:
        """A connection has ended: what came on it comes again."""
        self.held = [m for m in self.held if m.connection is not connection]

    async def take(self, messages: list[Message]) -> None:
        """Whatever these messages hold, they are through afterwards, held, or wait for their rows."""
        await self._save_unsaved()
        sources, complete, changing = await self._look_up(messages)
        self.held = []
        for plan in self._plans(messages, sources, complete, changing):
            await self._carry_out(plan)

    def _plans(
        self, messages: Sequence[Message], sources: Sources, complete: bool, changing: set[str]
    ) -> list[Plan]:
        """One plan; of a chunk that fails for an unknown reason one of each half."""
        blocked = {name for plan, _ in self.unsaved for name in plan.waits_for} | changing
        blocked |= {self._planner.source_of(message) for message in self.held}
        try:
            plan = self._planner.plan(messages, sources, complete=complete, blocked=blocked)
        except Exception as error:  # noqa: BLE001 - the net
            _log.error(
                "a chunk of %d messages cannot be planned", len(messages), extra=failure(error)
            )
            if len(messages) == 1:
                plan = Plan()
                self._planner.aside(plan, messages[0])
                return [plan]
            half = len(messages) // 2
            parts = (messages[:half], messages[half:])
            return [p for part in parts for p in self._plans(part, sources, complete, changing)]
        self.held += plan.held
        return [plan]

    async def _carry_out(self, plan: Plan) -> None:
        """Facts, Kafka, rows: what cannot be stored now waits in `unsaved`, the rest goes on."""
        late = None
        if plan.facts and (self.unsaved or not await self._save_facts(plan)):
            late = plan.without_facts()
        await self._send(plan, plan)
        self._stored.hear(plan)
        saved = late is None and (not plan.writes or (not self.unsaved and await self._save(plan)))
        acknowledge(plan, saved)
        self._after.sent(plan)
        if saved:
            self._after.stored(plan)
        else:
            self.unsaved.append((plan, late))

    async def _save_unsaved(self) -> None:
        while self.unsaved:
            plan, late = self.unsaved[0]
            if late is not None:
                if not await self._save_facts(plan):
                    return
                await self._send(late, plan)
                self._after.sent(late)
                self.unsaved[0] = (plan, None)
            if not await self._save(plan):
                return
            self.unsaved.popleft()
            acknowledge(plan, True)
            self._after.stored(plan)

    async def _send(self, part: Plan, plan: Plan) -> None:
        """Return when Kafka has a part of a plan; what it takes never is rejected by the plan.

        Raises: BadSettings: Kafka refuses our password, or is not who it should be.
        """
        refused = await self._sending.send(part.records)
        if refused:
            await self._sending.send(take_out(refused, part, plan, self._planner))

    async def _look_up(self, messages: list[Message]) -> tuple[Sources, bool, set[str]]:
        """The sources that speak, as they are now, and those that are just being changed.

        False: some could not be looked up.
        """
        wanted, registry = self._planner.sources_of(messages), self._registry
        while True:
            before, changing = registry.forgotten, registry.in_change()
            sources, complete = await self._looked_up(wanted - changing)
            if registry.forgotten == before:
                return sources, complete, changing | registry.in_change()

    async def _looked_up(self, ids: set[str]) -> tuple[Sources, bool]:
        sources, missing = self._registry.known(ids)
        if not missing:
            return sources, True
        if monotonic() < self._retry_at:
            return sources, False
        try:
            sources.update(await self._registry.fetch(missing))
        except Exception as error:  # noqa: BLE001 - the net
            if not isinstance(error, Away):  # ids are all it is asked for: they cannot be the cause
                _log.error("%d sources cannot be looked up", len(missing), extra=failure(error))
            self._away(error)
            return sources, False
        self._back()
        return sources, True

    async def _save_facts(self, plan: Plan) -> bool:
        if not await self._store(partial(self._stored.save_facts, plan.facts)):
            return False
        plan.facts = []
        return True

    async def _save(self, plan: Plan) -> bool:
        return await self._store(partial(self._stored.save, plan))

    async def _store(self, step: Callable[[], Awaitable[None]]) -> bool:
        if monotonic() < self._retry_at:
            return False
        try:
            await step()
        except Away as error:
            self._away(error)
            return False
        self._back()
        return True

    def _away(self, error: Exception) -> None:
        now = monotonic()
        self._retry_at = now + RETRY_S
        if self._away_since is None:
            self._away_since = now
        elif now - self._said < SAY_EVERY_S:
            return
        self._said = now
        _log.warning(
            "waiting for PostgreSQL, %.0f s; %d messages held back, the rest goes on",
            now - self._away_since, len(self.held), extra={"error": str(error)[:200]},
        )  # fmt: skip

    def _back(self) -> None:
        if self._away_since is not None:
            _log.info("PostgreSQL is back after %.0f s", monotonic() - self._away_since)
            self._away_since = None


def acknowledge(plan: Plan, saved: bool) -> None:
    """Acknowledge to the broker what is safe, in receive order per connection."""
    for message in plan.taken:
        message.settled = True
    if not saved:
        for message in plan.bound:
            message.settled = False
    acknowledged = 0
    for connection in {message.connection for message in plan.taken}:
        if connection is not None:
            acknowledged += connection.acknowledge()
    metrics.PUBACKS.inc(acknowledged)
