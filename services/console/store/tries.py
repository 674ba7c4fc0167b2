"""Wrong tries, by whom or from where."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.sessions.tries import Tries
from services.console.store.tables import tries
from shared.db import rows


class Counted:
    """Tries, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, keys: Iterable[str]) -> Mapping[str, Tries]:
        """The tries of these keys, held until the transaction ends."""
        wanted = set(keys)
        held: dict[str, dict[str, Any]] = {}
        while len(held) < len(wanted):  # the sweep may take a row between our seed and our lock
            held = await rows.lock(self._connection, tries, wanted, seed={"count": 0})
        return {key: Tries(row["count"], row["last_at"]) for key, row in held.items()}

    async def write(self, counted: Mapping[str, Tries]) -> None:
        """Overwrite those that are held."""
        await rows.update(
            self._connection,
            tries,
            [
                {"key": key, "count": counted_tries.count, "last_at": counted_tries.last_at}
                for key, counted_tries in counted.items()
            ],
        )

    async def forget(self, keys: Iterable[str], beginning: str) -> None:
        """As if they had never been: these, and all that begin so."""
        of_somebody = tries.c.key.startswith(beginning, autoescape=True)
        query = delete(tries).where(tries.c.key.in_(sorted(keys)) | of_somebody)
        await self._connection.execute(query)

    async def sweep(self, before: datetime) -> None:
        """Delete what counts no more."""
        await self._connection.execute(delete(tries).where(tries.c.last_at < before))
