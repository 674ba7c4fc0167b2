"""A migrated database of support, emptied before each test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.support.__main__ import __file__ as main_file
from services.support.edges.consumer import HANDLERS
from services.support.handlers.faults.fire_due import fire_due
from services.support.store.store import Store
from services.support.store.tables import fault_key, metadata
from shared.db.engine import make_engine
from shared.events import Event
from shared.stream.timers import AT_MOST, Timer, Timers
from shared.stream.transaction import Transaction, transaction
from tests.emptied import empty
from tests.support.build import RULES, records
from tests.units import units

MIGRATIONS = Path(main_file).with_name("migrations")
UNITS = units("support", Store, RULES)

Handle = Callable[..., Awaitable[None]]


@pytest.fixture(scope="session")
def database(postgres) -> str:
    """URL of support's database, migrated once."""

    return asyncio.run(postgres.migrated("support"))


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the emptied database."""
    made = make_engine(database)
    await empty(made, metadata)
    yield made
    await made.dispose()


@pytest.fixture
def handle(engine: AsyncEngine) -> Handle:
    """Handle events of one topic in one transaction, as the run loop does."""
    handlers = UNITS.handlers(HANDLERS)

    async def run(*events: Event) -> None:
        async with transaction(engine, "support", events[-1].at) as tx:
            await handlers[events[0].TOPIC](tx, records(*events))

    return run


@pytest.fixture
def fire_until(engine: AsyncEngine) -> Callable[[datetime], Awaitable[int]]:
    """Fire all that is due at a moment, call after call."""

    async def run(now: datetime) -> int:
        fire, total = UNITS.due(fire_due), 0

        async def counted(tx: Transaction, limit: int = AT_MOST) -> int:
            nonlocal total
            fired = await fire(tx, limit)
            total += fired
            return fired

        await Timers(engine, "support", [Timer(counted, fault_key.c.due_at)]).fire(now, None)
        return total

    return run
