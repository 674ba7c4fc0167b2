"""Empty tables between tests: all but the audit, which nobody can empty."""

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db import chain


async def empty(engine: AsyncEngine, metadata: MetaData) -> None:
    """Delete all rows, as the service itself could; small tables: TRUNCATE takes ten times longer."""
    async with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name != chain.TABLE:
                await connection.execute(table.delete())
