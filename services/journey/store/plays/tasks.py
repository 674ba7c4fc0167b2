"""Tasks of teams: opened, claimed, done, cancelled."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import among, task
from shared.db import rows


class Tasks:
    """The rows of one transaction; their customers are held."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(self, opened: Sequence[Mapping[str, Any]]) -> None:
        """Open tasks; the same step of a run opens it once."""
        await rows.insert_new(self._connection, task, opened)

    async def cancel(self, runs: Sequence[str], now: datetime) -> None:
        """Nobody needs to do the open tasks of these runs any more."""
        if runs:
            open_ = task.c.state.in_(("open", "claimed"))
            await self._connection.execute(
                update(task)
                .where(task.c.run == among(runs), open_)
                .values(state="cancelled", done_at=now, version=task.c.version + 1)
            )
