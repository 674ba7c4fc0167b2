"""How a service begins its units of work: for records, for timers, for requests."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import ids
from shared.clock import Clock
from shared.stream.apply import Handle
from shared.stream.record import Received
from shared.stream.timers import AT_MOST, Fire
from shared.stream.transaction import Transaction, transaction
from shared.unit import Unit
from shared.web.who import Who

StoreT = TypeVar("StoreT")
RulesT = TypeVar("RulesT")
GivenT = TypeVar("GivenT")
DoneT = TypeVar("DoneT")


class Units(Generic[StoreT, RulesT]):
    """What a service's units of work have in common; wiring makes one.

    Attributes:
        itself: the author of what records and timers change.
    """

    def __init__(
        self,
        service: str,
        engine: AsyncEngine,
        clock: Clock,
        store: Callable[[AsyncConnection], StoreT],
        rules: RulesT,
    ) -> None:
        """Take what every unit is made of.

        Args:
            store: the service's tables on a connection.
            rules: what its handlers decide by.
        """
        self.service = service
        self.engine = engine
        self.clock = clock
        self.store = store
        self.rules = rules
        self.itself = Who(f"service:{service}", "system", frozenset())

    def within(
        self, tx: Transaction, who: Who | None = None, cause: str = ""
    ) -> Unit[StoreT, RulesT]:
        """The unit of a transaction that has begun."""
        return Unit(
            self.store(tx.connection), self.rules, tx.now, tx.emit, who or self.itself, cause,
            tx.entries, tx.effects,
        )  # fmt: skip

    def each(
        self, handle: Callable[[Unit[StoreT, RulesT], GivenT], Awaitable[DoneT]]
    ) -> Callable[[Transaction, GivenT], Awaitable[DoneT]]:
        """A handler of records, or of erasures, as the run loop calls it."""

        async def within_unit(tx: Transaction, given: GivenT) -> DoneT:
            return await handle(self.within(tx), given)

        return within_unit

    def handlers(
        self,
        by_topic: Mapping[
            str, Callable[[Unit[StoreT, RulesT], Sequence[Received[Any]]], Awaitable[None]]
        ],
    ) -> dict[str, Handle]:
        """All handlers of records, in the order of a round."""
        return {topic: self.each(handle) for topic, handle in by_topic.items()}

    def due(self, fire: Callable[[Unit[StoreT, RulesT], int], Awaitable[int]]) -> Fire:
        """A handler of timers, as the run loop calls it."""

        async def within_unit(tx: Transaction, limit: int = AT_MOST) -> int:
            return await fire(self.within(tx), limit)

        return within_unit

    @asynccontextmanager
    async def begin(
        self, who: Who | None = None, cause: str = ""
    ) -> AsyncIterator[Unit[StoreT, RulesT]]:
        """Begin a unit; it commits at the end, an exception rolls it back.

        Args:
            cause: of what is made in it; empty: it is like no other, so that two requests make two things.
        """
        async with transaction(self.engine, self.service, self.clock.now()) as tx:
            yield self.within(tx, who, cause or ids.random_id())
