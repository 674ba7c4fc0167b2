"""What the routes of every service find in the application, by type."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.clock import Clock
from shared.stream.apply import Handle
from shared.stream.transaction import Transaction, transaction


@dataclass(frozen=True, slots=True)
class Application:
    """The running service, as its own routes see it.

    Attributes:
        handlers: by topic; empty where the service reads none.
    """

    service: str
    engine: AsyncEngine
    clock: Clock
    handlers: Mapping[str, Handle]

    @asynccontextmanager
    async def begin(self, *, writing: bool = True) -> AsyncIterator[Transaction]:
        """Begin a transaction, to be given to a handler; `writing=False`: it audits a reading."""
        async with transaction(self.engine, self.service, self.clock.now(), writing=writing) as tx:
            yield tx


async def _application(request: Request) -> Application:
    state = request.app.state
    return Application(state.service, state.engine, state.clock, getattr(state, "handlers", {}))


Running = Annotated[Application, Depends(_application)]
"""A route's argument."""
