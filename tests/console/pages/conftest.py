"""Console over HTTPS for a real browser, beside a real journey."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from services.console.edges.pages import panels, people
from services.console.edges.pages.customers import customers
from services.console.edges.pages.palette import palette
from services.console.edges.pages.plays import audiences
from services.console.edges.pages.today import first_steps
from services.journey.store.tables import metadata as journey_tables
from services.support.store.tables import metadata as support_tables
from shared.db.engine import make_engine
from shared.web.client import client, sender
from tests.apis import running
from tests.browser import chromium
from tests.emptied import empty
from tests.patience import PATIENCE_S
from tests.served import served
from tools.local import certificates
from tools.local.ports import free_port


@pytest.fixture(scope="session")
def journey_database(postgres) -> str:
    return asyncio.run(postgres.migrated("journey"))


@pytest.fixture(scope="session")
def support_database(postgres) -> str:
    return asyncio.run(postgres.migrated("support"))


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    """A certificate for loopback."""
    return certificates.of(tmp_path_factory.mktemp("pki"))


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """What comes late is left out of a page or asked for later; on a machine that is busy all are late."""
    monkeypatch.setattr(panels, "PATIENCE_S", PATIENCE_S)
    monkeypatch.setattr(palette, "PATIENCE_S", PATIENCE_S)
    monkeypatch.setattr(customers, "NAME_S", PATIENCE_S)
    monkeypatch.setattr(first_steps, "PATIENCE_S", PATIENCE_S)
    monkeypatch.setattr(audiences, "TYPED_S", PATIENCE_S)
    monkeypatch.setattr(people.customers_called, "__defaults__", (PATIENCE_S,))
    monkeypatch.setattr(panels.in_time, "__defaults__", (PATIENCE_S,))
    monkeypatch.setattr(client, "READY_S", PATIENCE_S)
    monkeypatch.setattr(sender, "CONNECT_S", PATIENCE_S)
    monkeypatch.setattr(client, "DEADLINE_S", PATIENCE_S)


@pytest.fixture
def screens() -> Path | None:
    """Where screenshots are kept for looking at: `SCREENS=FOLDER`; without one none is taken."""
    if "SCREENS" not in os.environ:
        return None
    folder = Path(os.environ["SCREENS"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
async def browser():
    async with chromium() as made:
        yield made


@pytest.fixture
def serve(make_console, pki):
    """`async with serve(JOURNEY_URL=...) as (console, url)`: console as people reach it."""

    @asynccontextmanager
    async def serving(**more: str) -> AsyncIterator:
        port = free_port()
        console = make_console(HTTP_PORT=str(port), **more)
        tls = {"HTTP_TLS_CERT_FILE": str(pki.server), "HTTP_TLS_KEY_FILE": str(pki.server_key)}
        async with served(console.app, HTTP_PORT=str(port), **tls):
            yield console, f"https://127.0.0.1:{port}"
        await console.close()

    return serving


def emptying(url: str, metadata):
    """An engine over a database that tests share, without the rows of the test before."""

    @asynccontextmanager
    async def opened() -> AsyncIterator:
        engine = make_engine(url)
        await empty(engine, metadata)
        yield engine
        await engine.dispose()

    return opened()


@pytest.fixture
async def lives(journey_database):
    """An engine over journey's emptied database."""
    async with emptying(journey_database, journey_tables) as engine:
        yield engine


@pytest.fixture
def journey(journey_database, lives):
    """`async with journey() as url`: the customers' service, which knows nobody yet; at a port of its own."""

    @asynccontextmanager
    async def made(at: int = 0) -> AsyncIterator[str]:
        async with running("journey", journey_database, port=at) as (_, port):
            yield f"http://127.0.0.1:{port}"

    return made


@pytest.fixture
async def desk(support_database):
    """Support's emptied database: `await desk(sql, **values)`."""
    async with emptying(support_database, support_tables) as engine:

        async def run(statement: str, **values) -> None:
            async with engine.begin() as connection:
                await connection.execute(text(statement), values)

        yield run


@pytest.fixture
def support(support_database, desk):
    """`async with support() as url`: the tickets' service."""

    @asynccontextmanager
    async def made() -> AsyncIterator[str]:
        async with running("support", support_database) as (_, port):
            yield f"http://127.0.0.1:{port}"

    return made
