"""What console holds of one of its people, read as of one moment."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.store.export import collect
from shared.errors import NotFound


class Held:
    """Reads it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, account: str) -> dict[str, Any]:
        """Rows by what they are. Raises NotFound."""
        async with self._engine.connect() as connection:
            snapshot = await connection.execution_options(isolation_level="REPEATABLE READ")
            holds = await collect(snapshot, account)
        if not holds["account"]:
            raise NotFound("account", account)
        return holds
