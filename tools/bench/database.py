"""A PostgreSQL of its own with a service's tables in it, for a measurement that wants nothing else."""

import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.engine import make_engine
from tools.local import migrations
from tools.local.servers import Servers

AT_ONCE = 50_000  # rows of a statement that fills tables
Statement = tuple[TextClause, Mapping[str, Any]]


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


async def fill(
    engine: AsyncEngine, statements: Sequence[Statement], last: int, first: int = 1
) -> None:
    """Run statements over the numbers `:first` to `:last`, some at a time."""
    for begin in range(first, last + 1, AT_ONCE):
        numbers = {"first": begin, "last": min(begin + AT_ONCE - 1, last)}
        async with engine.begin() as connection:
            for statement, values in statements:
                await connection.execute(statement, {**values, **numbers})


async def vacuum(engine: AsyncEngine, tables: str = "") -> None:
    """Have PostgreSQL know its tables as they are; empty: all of them."""
    async with engine.connect() as connection:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await outside.execute(text("SET statement_timeout = 0"))
        await outside.execute(text(f"VACUUM ANALYZE {tables}"))
