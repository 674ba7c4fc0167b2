"""Support over HTTP, as wired, on the emptied database."""

import httpx
import pytest

from services.support.settings import Settings
from services.support.wiring import build
from shared.clock import StreamClock
from shared.settings import load
from shared.web.app import create_app
from tests.signed import access, headers
from tests.support.build import at

ENVIRON = {
    "DATABASE_URL": "postgresql://u:p@127.0.0.1/x",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "AUTH_KEYS_FILE": "keys.json",
    "HTTP_PORT": "0",
}


@pytest.fixture
def clock():
    return StreamClock(at(1_000))


@pytest.fixture
def app(engine, clock):
    service = build(load(Settings, "support", ENVIRON), engine, clock)

    async def nothing_waited_for():
        return {}

    return create_app(
        "support",
        service.routers,
        clock=clock,
        access=access(*service.rights),
        ready=nothing_waited_for,
        errors=service.errors,
        state={"engine": engine, **service.state},
    )


@pytest.fixture
async def client(app):
    """As an admin; other callers give their own headers."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://support", headers=headers("admin")
    ) as made:
        yield made
