"""A migrated database of analytics, emptied before each test, and the service's own handlers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.analytics.__main__ import __file__ as main_file
from services.analytics.settings import Settings
from services.analytics.store.tables import metadata
from services.analytics.wiring import build
from shared.clock import StreamClock
from shared.db.engine import make_engine
from shared.settings import load
from shared.web.app import create_app
from tests import emptied
from tests.analytics.player import START, Player
from tests.signed import access, headers

MIGRATIONS = Path(main_file).with_name("migrations")
ENVIRON = {
    "DATABASE_URL": "postgresql://u:p@127.0.0.1/x",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "AUTH_KEYS_FILE": "keys.json",
    "HTTP_PORT": "0",
}


@pytest.fixture(scope="session")
def database(postgres) -> str:
    """URL of analytics' database, migrated once."""

    return asyncio.run(postgres.migrated("analytics"))


async def empty(engine: AsyncEngine) -> None:
    await emptied.empty(engine, metadata)


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the emptied database."""
    made = make_engine(database)
    await empty(made)
    yield made
    await made.dispose()


@pytest.fixture
def player(engine: AsyncEngine) -> Player:
    """Handles events and closes days as the run loop does."""
    return Player(engine)


@pytest.fixture
async def client(engine: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:
    """The service over HTTP."""
    clock = StreamClock(START)
    service = build(load(Settings, "analytics", ENVIRON), engine, clock)

    async def nothing_waited_for():
        return {}

    app = create_app(
        "analytics",
        service.routers,
        clock=clock,
        access=access(*service.rights),
        ready=nothing_waited_for,
        errors=service.errors,
        state={"engine": engine, **service.state},
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://analytics", headers=headers("admin")
    ) as made:
        yield made
