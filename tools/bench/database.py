"""A PostgreSQL of its own with a service's tables in it, for a measurement that wants nothing else."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.engine import make_engine
from tools.local import migrations
from tools.local.servers import Servers


@asynccontextmanager
async def database_of(service: str, folder: Path) -> AsyncIterator[tuple[AsyncEngine, str]]:
    """Connections to it and its URL, while it stands; afterwards nothing of it is left."""
    shutil.rmtree(folder, ignore_errors=True)
    servers = Servers(folder, ["postgres"], databases=[service], end_with_parent=True)
    endpoints = await servers.start()
    try:
        await migrations.migrate(dict(endpoints.owner_urls), folder / "migrations.log")
        url = endpoints.database_urls[service]
        engine = make_engine(url)
        yield engine, url
        await engine.dispose()
    finally:
        await servers.stop()
        servers.erase()
