"""What routes work with: a store to read from, or a unit of work that a handler is given.

Each service names the three in its `edges/api/units.py`, with the types of its own store and rules:

    Read = Annotated[units.Read[Store, Rules], Depends(units.read)]
    Change = Annotated[units.Change[Store, Rules], Depends(units.change)]
    ChangeOnce = Annotated[units.ChangeOnce[Store, Rules], Depends(units.change_once)]
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Generic, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from shared.stream.transaction import transaction
from shared.stream.units import Units
from shared.unit import Unit
from shared.web.guards.auth import Caller
from shared.web.idempotency import Idempotent, Once
from shared.web.who import Who

StoreT = TypeVar("StoreT")
RulesT = TypeVar("RulesT")


class Read(Generic[StoreT, RulesT]):
    """A route's argument: reads.

    Attributes:
        rules: what the service decides by.
        now: the service's clock.
    """

    def __init__(self, units: Units[StoreT, RulesT], who: Who | None) -> None:
        self.rules = units.rules
        self.now = units.clock.now
        self._units = units
        self._who = who

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[StoreT]:
        """The store on a connection; whatever it were to write would be rolled back."""
        async with self._units.engine.connect() as connection:
            yield self._units.store(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[StoreT]:
        """The store as everything was at one moment, however long it is read."""
        async with self._units.engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            yield self._units.store(connection)

    @asynccontextmanager
    async def audited(self) -> AsyncIterator[Unit[StoreT, RulesT]]:
        """For a handler that reads and audits that somebody read; waits for no erasure."""
        units = self._units
        now = units.clock.now()
        async with transaction(units.engine, units.service, now, writing=False) as tx:
            yield units.within(tx, self._who)


class Change(Generic[StoreT, RulesT]):
    """A route's argument: begins units of work, each to be given to a handler.

    Attributes:
        who: the caller.
        rules: what the service decides by.
        now: the service's clock.
    """

    def __init__(self, units: Units[StoreT, RulesT], who: Who) -> None:
        self.who = who
        self.rules = units.rules
        self.now = units.clock.now
        self._units = units

    @asynccontextmanager
    async def __call__(self, cause: str = "") -> AsyncIterator[Unit[StoreT, RulesT]]:
        """Begin one; it commits at the end, an exception rolls it back."""
        async with self._units.begin(self.who, cause) as unit:
            yield unit


class ChangeOnce(Generic[StoreT, RulesT]):
    """A route's argument: one unit of work, done once however often the request is sent.

    The route takes an Idempotency-Key.

    Attributes:
        who: the caller.
    """

    def __init__(self, units: Units[StoreT, RulesT], who: Who, once: Once) -> None:
        self.who = who
        self._units = units
        self._once = once

    async def __call__(
        self,
        status: int,
        work: Callable[[Unit[StoreT, RulesT]], Awaitable[BaseModel]],
        *,
        again: Callable[[Unit[StoreT, RulesT]], Awaitable[BaseModel]] | None = None,
        erasing: bool = False,
    ) -> Response:
        """Do `work` and keep its answer, or give the answer kept.

        Args:
            status: of a success.
            again: makes the answer anew where it holds personal data: then none is kept.
            erasing: it erases somebody: no other writes meanwhile.
        Raises: Problem 409: the key was used with another body.
        """
        units = self._units
        now = units.clock.now()
        async with transaction(units.engine, units.service, now, erasing=erasing) as tx:
            unit = units.within(tx, self.who, self._once.cause)
            return await self._once.run(
                tx.connection,
                status,
                partial(work, unit),
                again=None if again is None else partial(again, unit),
            )


async def read(request: Request) -> Read[Any, Any]:
    """Dependency of `Read`."""
    return Read(_units(request), getattr(request.state, "who", None))


async def change(request: Request, who: Caller) -> Change[Any, Any]:
    """Dependency of `Change`."""
    return Change(_units(request), who)


async def change_once(request: Request, who: Caller, once: Idempotent) -> ChangeOnce[Any, Any]:
    """Dependency of `ChangeOnce`."""
    return ChangeOnce(_units(request), who, once)


def _units(request: Request) -> Units[Any, Any]:
    units: Units[Any, Any] = request.app.state.units
    return units
