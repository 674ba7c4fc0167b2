"""Rejects that may be taken after a change, read outside of any other transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.errors import Away
from services.ingest.store.rejects.rejects import FIRST, Rejects
from shared.db import trouble


class Curable:
    """Reads for judging again. Raises Away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of_sources(
        self, ids: Sequence[str], limit: int, last: Mapping[str, Any] | None
    ) -> Sequence[Mapping[str, Any]]:
        """A page of curable rejects of these sources, with their bytes; `last` of the one before."""
        after = FIRST if last is None else (last["stored_at"], last["id"])
        try:
            async with self._engine.connect() as connection:
                return await Rejects(connection).curable(ids, limit, after)
        except Exception as error:
            if trouble.is_passing(error):
                raise Away(str(error)) from error
            raise

    async def sources(self) -> Sequence[str]:
        """Registered sources with rejects that may be taken now."""
        try:
            async with self._engine.connect() as connection:
                return await Rejects(connection).curable_sources()
        except Exception as error:
            if trouble.is_passing(error):
                raise Away(str(error)) from error
            raise
