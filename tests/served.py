"""An application on a real uvicorn, as a service's process configures it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.support.settings import Settings
from shared.clock import monotonic
from shared.settings import load
from shared.web.guards.connection_limits import ConnectionLimits, limited_by
from shared.web.serving import Server, serving
from tests.given import ENVIRON

PLAIN = {"HTTP_TLS_CERT_FILE": "", "HTTP_TLS_KEY_FILE": ""}


@asynccontextmanager
async def served(
    app: FastAPI, limits: ConnectionLimits | None = None, **environ: str
) -> AsyncIterator[int]:
    """The port on which it answers; with `limits`, its times and numbers in place of the settings'."""
    config = serving(app, load(Settings, "support", {**ENVIRON, **PLAIN, **environ}))
    if limits is not None:
        config.http = limited_by(limits)
    server = Server(config)
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started, 90)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await asyncio.wait_for(running, 90)


async def until(true: Callable[[], bool], within_s: float = 90) -> None:
    """Wait until it holds; a busy machine is slow."""
    end = monotonic() + within_s
    while not true():
        assert monotonic() < end, "it did not become true"
        await asyncio.sleep(0.005)


async def raw(port: int, sent: bytes, within_s: float = 30) -> bytes:
    """All that comes back for these bytes until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        async with asyncio.timeout(within_s):
            return await reader.read()
    finally:
        writer.close()
