"""The HTTP interface of each service as wired, over a database of its own where one is given."""

import asyncio
import functools
import importlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.assembly import Service
from shared.clock import Clock, WallClock
from shared.db.engine import make_engine
from shared.settings import SERVICES, load
from shared.stream.topic_health import TopicWatch
from shared.web.app import create_app
from shared.web.guards.auth import Access, Keys, by_token
from shared.web.guards.rates import Rate, Rates
from shared.web.guards.rights import Table
from shared.web.routes.mounted import shared_routers
from tests.given import ENVIRON
from tests.served import served
from tests.signed import keys_file

ROOT = Path(__file__).parents[1]
PATIENT = Rates(Rate(1e6, 10**6), Rate(1e6, 10**6))  # tests of limits bring their own
ABSENT = "postgresql+asyncpg://pc:x@127.0.0.1:1/x"


def built(
    name: str,
    engine: AsyncEngine,
    environ: Mapping[str, str] = MappingProxyType({}),
    clock: Clock | None = None,
) -> Service:
    """A service as its process builds it."""
    settings_class = importlib.import_module(f"services.{name}.settings").Settings
    settings = load(
        settings_class, name, {**ENVIRON, "AUTH_KEYS_FILE": str(keys_file()), **environ}
    )
    made: Service = importlib.import_module(f"services.{name}.wiring").build(
        settings, engine, clock or WallClock()
    )
    return made


def wired(
    name: str,
    database: str = ABSENT,
    kafka: str = "127.0.0.1:1",
    rates: Rates = PATIENT,
    environ: Mapping[str, str] = MappingProxyType({}),
    clock: Clock | None = None,
) -> tuple[FastAPI, AsyncEngine]:
    """A service's interface as its process makes it; without a database no server is behind it."""
    engine = make_engine(database)
    service = built(name, engine, environ, clock)
    keys = Keys(keys_file())

    async def ready():
        return {}

    app = create_app(
        name,
        [*service.routers, *shared_routers()],
        clock=service.clock,
        access=Access(
            by_token(keys) if service.identify is None else service.identify(keys),
            Table(service.rights),
        ),
        ready=ready,
        errors=service.errors,
        state={
            "engine": engine,
            "handlers": service.handlers,
            "topic_watch": TopicWatch(kafka),
            "stopped": {},
            "at_start": service.at_start,
            "at_end": service.at_end,
            **service.state,
        },
        rates=rates,
    )
    return app, engine


@functools.cache
def described(name: str) -> dict[str, Any]:
    """A service's OpenAPI document."""
    made: dict[str, Any] = wired(name)[0].openapi()
    return made


async def migrated(postgres, name: str) -> str:
    """A new database of a service, with the rights that the service has."""
    made: str = await postgres.migrated(name, f"api_{name}")
    return made


@asynccontextmanager
async def running(name: str, database: str, kafka: str = "127.0.0.1:1", port: int = 0):
    """The interface on a real server; gives its application and its port: any, or this one."""
    app, engine = wired(name, database, kafka)
    try:
        async with served(app, HTTP_PORT=str(port)) as listens:
            yield app, listens
    finally:
        await asyncio.gather(*(work() for work in app.state.at_end))
        await engine.dispose()


@contextmanager
def beside(databases: dict[str, str], kafka: str) -> Iterator[dict[str, str]]:
    """All interfaces on real servers in a thread of their own, for clients that block; by URL."""
    urls: dict[str, str] = {}
    up, end = threading.Event(), threading.Event()

    async def serve() -> None:
        async with asyncio.TaskGroup() as group:
            for name in SERVICES:
                group.create_task(one(name))

    async def one(name: str) -> None:
        async with running(name, databases[name], kafka) as (app, port):
            for work in app.state.at_start:  # plays are published, as in the service's process
                await work()
            urls[name] = f"http://127.0.0.1:{port}"
            if len(urls) == len(SERVICES):
                up.set()
            await asyncio.to_thread(end.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert up.wait(90), "the interfaces did not start"
    yield urls
    end.set()
    thread.join(30)
