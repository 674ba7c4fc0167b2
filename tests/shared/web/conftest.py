"""A service's HTTP interface over a fresh database with the runtime's tables."""

import asyncio

import pytest
from fastapi import APIRouter
from httpx import ASGITransport, AsyncClient

from shared.clock import WallClock
from shared.db.engine import make_engine
from shared.settings import SERVICES
from shared.stream.topic_health import TopicWatch
from shared.web.app import create_app
from shared.web.routes.mounted import shared_routers
from tests.apis import migrated
from tests.signed import headers, permit


@pytest.fixture(scope="session")
def databases(postgres) -> dict[str, str]:
    """A migrated database of each service."""

    async def make() -> dict[str, str]:
        return {name: await migrated(postgres, name) for name in SERVICES}

    return asyncio.run(make())


@pytest.fixture
async def engine(postgres):
    made = make_engine(await postgres.runtime("web"))
    yield made
    await made.dispose()


@pytest.fixture
async def serve(engine):
    """`serve(service, routers, **state)` gives a client of the whole interface."""
    clients = []

    async def ready():
        return {}

    def make(service: str, routers: list[APIRouter] | None = None, **state) -> AsyncClient:
        app = create_app(
            service,
            [*(routers or []), *shared_routers()],
            clock=WallClock(),
            access=permit(*(routers or [])),
            ready=ready,
            state={
                "engine": engine,
                "handlers": {},
                "topic_watch": TopicWatch("127.0.0.1:1"),
                **state,
            },
        )
        clients.append(
            AsyncClient(transport=ASGITransport(app), base_url="http://x", headers=headers("admin"))
        )
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()
