"""Rejects that may be taken after a change, read outside of any other transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.errors import Away
from services.ingest.store.rejects import Rejects
from shared.db import trouble


class Curable:
    """Reads for judging again. Raises Away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of_sources(self, ids: Sequence[str], limit: int) -> Sequence[Mapping[str, Any]]:
        """Curable rejects of these sources, oldest first, with their bytes."""
        try:
            async with self._engine.connect() as connection:
                return await Rejects(connection).curable(ids, limit)
        except Exception as error:
            if trouble.is_passing(error):
                raise Away(str(error)) from error
            raise

    async def sources_of(self, reason: str) -> Sequence[str]:
        """Sources with uncured rejects of one reason."""
        try:
            async with self._engine.connect() as connection:
                return await Rejects(connection).sources_of(reason)
        except Exception as error:
            if trouble.is_passing(error):
                raise Away(str(error)) from error
            raise
