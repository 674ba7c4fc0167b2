"""A PostgreSQL of its own with journey's tables in it, for a measurement that wants nothing else."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.engine import make_engine
from tools.local import migrations
from tools.local.servers import Servers


@asynccontextmanager
async def journey_database(folder: Path) -> AsyncIterator[AsyncEngine]:
    """Connections to it while it stands; afterwards nothing of it is left."""
    shutil.rmtree(folder, ignore_errors=True)
    servers = Servers(folder, ["postgres"], databases=["journey"], end_with_parent=True)
    endpoints = await servers.start()
    try:
        await migrations.migrate(dict(endpoints.owner_urls), folder / "migrations.log")
        engine = make_engine(endpoints.database_urls["journey"])
        yield engine
        await engine.dispose()
    finally:
        await servers.stop()
        servers.erase()
