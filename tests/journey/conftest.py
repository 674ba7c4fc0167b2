"""A migrated database of journey, emptied before each test; its handlers, timers and API."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.journey.__main__ import __file__ as main_file
from services.journey.domain.rules import Rules
from services.journey.domain.stages.read_map import read_map
from services.journey.edges.api.plays import rehearsals
from services.journey.edges.consumer import HANDLERS, timers
from services.journey.edges.rights import RIGHTS, ROUTERS
from services.journey.store.store import Store
from services.journey.store.tables import metadata
from services.journey.wiring import STATUS
from shared.db.engine import make_engine
from shared.events import Event, codec
from shared.stream.record import Received
from shared.stream.transaction import transaction
from shared.web.app import create_app
from shared.web.routes.jobs import Jobs
from tests import emptied
from tests.signed import access, headers
from tests.units import units

ROOT = Path(__file__).parents[2]
FILE = "playbooks/home-camera/journey.yaml"
MAP = read_map((ROOT / FILE).read_text(), FILE)
MIGRATIONS = Path(main_file).with_name("migrations")
START = datetime(2026, 1, 1, tzinfo=UTC)
RULES = Rules(MAP)
UNITS = units("journey", Store, RULES)


class SetClock:
    """A clock that stands where a test puts it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 6, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def record(event: Event, id_: str) -> Received[Event]:
    return Received(event, id_, event.TOPIC, 0, 0, event.at, event.at)


@pytest.fixture(scope="session")
def database(postgres) -> str:
    """URL of journey's database, migrated once."""

    return asyncio.run(postgres.migrated("journey"))


async def empty(engine: AsyncEngine) -> None:
    await emptied.empty(engine, metadata)
    RULES.shelf.read.clear()  # of plays of the test before
    RULES.shelf.newest = None


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the emptied database."""
    made = make_engine(database)
    await empty(made)
    yield made
    await made.dispose()


@pytest.fixture
def handle(engine: AsyncEngine) -> Callable[..., Awaitable[None]]:
    """Handle (event, identity) pairs of one topic in one transaction, as the run loop does."""
    by_topic = UNITS.handlers(HANDLERS)

    async def run(*events: tuple[Event, str], now: datetime = START) -> None:
        async with transaction(engine, "journey", now) as tx:
            await by_topic[events[0][0].TOPIC](tx, [record(*one) for one in events])

    return run


@pytest.fixture
def fire(engine: AsyncEngine) -> Callable[[datetime], Awaitable[int]]:
    """Fire all timers due at a moment, call after call; how many fired."""
    fires = [UNITS.due(one) for one, _ in timers(daily=True)]

    async def run(now: datetime) -> int:
        total = 0
        while True:
            async with transaction(engine, "journey", now) as tx:
                fired = [await one(tx) for one in fires]
            if not any(fired):
                return total
            total += sum(fired)

    return run


@pytest.fixture
def told(engine: AsyncEngine) -> Callable[..., Awaitable[list[Event]]]:
    """Events in the outbox of one type, in order."""

    async def read(kind: type[Event]) -> list[Event]:
        query = text("SELECT value FROM outbox WHERE type = :type ORDER BY position")
        async with engine.connect() as connection:
            found = await connection.execute(query, {"type": kind.type_name()})
            return [codec.decode(value) for value in found.scalars()]

    return read


@pytest.fixture
def rows(engine: AsyncEngine) -> Callable[[str], Awaitable[list[dict]]]:
    """What a query finds."""

    async def read(query: str) -> list[dict]:
        async with engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(text(query))).mappings()]

    return read


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def client(engine: AsyncEngine, clock: SetClock) -> AsyncIterator[AsyncClient]:
    """The HTTP interface."""
    jobs = Jobs()

    async def ready():
        return {}

    app = create_app(
        "journey",
        list(ROUTERS),
        clock=clock,
        access=access(*RIGHTS),
        ready=ready,
        errors=STATUS,
        state={
            "units": units("journey", Store, RULES, engine, clock),
            "jobs": jobs,
            "rehearsals": rehearsals.Rehearsals(),
        },
    )
    async with AsyncClient(
        transport=ASGITransport(app), base_url="http://journey", headers=headers("admin")
    ) as made:
        yield made
    await jobs.stop()


def state_of(stored: bytes) -> dict:
    return msgspec.json.decode(stored)
