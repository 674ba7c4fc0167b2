"""Plays and their versions: what was published, and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import play, play_version, run
from shared.db import rows

_HOLD = text("SELECT pg_advisory_xact_lock(7010)")  # two processes may start at once


class Published(NamedTuple):
    """A play as it was published last."""

    version: int
    state: str
    checksum: str


class Plays:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self) -> dict[str, Published]:
        """All plays there ever were, while nobody else publishes."""
        await self._connection.execute(_HOLD)
        query = select(play.c.name, play.c.version, play.c.state, play_version.c.checksum).join(
            play_version,
            (play_version.c.play == play.c.name) & (play_version.c.version == play.c.version),
        )
        return {row.name: Published(*row[1:]) for row in await self._connection.execute(query)}

    async def publish(
        self, name: str, version: int, checksum: str, definition: Mapping[str, Any], now: datetime
    ) -> None:
        """Write a new version, which is the play from now on."""
        head = {"name": name, "version": version, "state": "live", "changed_at": now}
        await rows.upsert(self._connection, play, [head])
        key = {"play": name, "version": version, "checksum": checksum}
        published = {**key, "definition": dict(definition), "published_at": now}
        await rows.insert_new(self._connection, play_version, [published])

    async def retire(self, names: Sequence[str], now: datetime) -> None:
        """These are played no more."""
        changed = [{"name": name, "state": "retired", "changed_at": now} for name in names]
        await rows.update(self._connection, play, changed)

    async def counts(self) -> Sequence[Any]:
        """Runs by play, state, step and ending."""
        shown = (run.c.play, run.c.state, run.c.step, run.c.ending, run.c.control)
        query = select(*shown, func.count().label("runs")).group_by(*shown)
        return (await self._connection.execute(query)).all()

    async def listed(self) -> Sequence[Any]:
        """All plays, by name."""
        return (await self._connection.execute(select(play).order_by(play.c.name))).all()
