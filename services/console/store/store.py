"""All of console's tables on one connection."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.console.handlers.links import CONSOLE
from services.console.handlers.ports import By
from services.console.store.accounts import Accounts
from services.console.store.keys import Keys
from services.console.store.looking import Looking
from services.console.store.provider import Provider
from services.console.store.sealed import Sealed
from services.console.store.sessions import Links, Sessions
from services.console.store.tries import Counted
from shared import log
from shared.audited import entry
from shared.db import audit
from shared.effects import rows
from shared.effects.effect import Planned

_log = log.get("console.journal")


class Store:
    """What a transaction reads and writes."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.accounts = Accounts(connection)
        self.sessions = Sessions(connection)
        self.links = Links(connection)
        self.tries = Counted(connection)
        self.keys = Keys(connection)
        self.provider = Provider(connection)
        self.sealed = Sealed(connection)
        self.looking = Looking(connection)
        self.audited: list[audit.Entry] = []

    async def plan(self, effect: Planned, now: datetime) -> None:
        """Plan something to be done outside once this transaction is committed."""
        await rows.plan(self.connection, [effect], now)

    async def note(
        self,
        by: By,
        action: str,
        subject: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        why: str | None = None,
    ) -> None:
        """Audit who did what, ids and rights only, when the transaction commits."""
        kind, _, id_ = subject.partition(":")
        line = entry(by.who, action, kind, id_, before=before, after=after, why=why)
        if by.who.subject == CONSOLE.subject:
            line = replace(line, author=replace(line.author, by="system"))
        self.audited.append(line)
        _log.info(action, extra={"subject": subject, "who": by.who.subject})


class Beginning:
    """Begins transactions: `async with begin() as store`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Store]:
        """Commit at the end; roll back when an exception leaves."""
        async with self._engine.begin() as connection:
            store = Store(connection)
            yield store
            await audit.record(connection, store.audited)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Store]:
        """For one statement that reads: without a transaction around it, which would be two more."""
        async with self._engine.connect() as connection:
            yield Store(await connection.execution_options(isolation_level="AUTOCOMMIT"))
