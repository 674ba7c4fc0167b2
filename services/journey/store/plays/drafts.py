"""What plays are to become: one draft of each, which several people may write."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import play_draft
from shared.db import rows


class Drafts:
    """The rows of one transaction; whoever writes holds the plays."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def one(self, play: str) -> Any | None:
        """The draft of a play; None: there is none."""
        query = select(play_draft).where(play_draft.c.play == play)
        return (await self._connection.execute(query)).one_or_none()

    async def listed(self) -> Sequence[Any]:
        """All of them by their plays, without what they say."""
        shown = [column for column in play_draft.c if column.name != "files"]
        return (await self._connection.execute(select(*shown).order_by(play_draft.c.play))).all()

    async def write(self, play: str, written: Mapping[str, Any]) -> None:
        """Write it, whole if it is new."""
        await rows.upsert(self._connection, play_draft, [{"play": play, **written}])

    async def rehearsed(self, play: str, revision: int, now: datetime) -> None:
        """It was rehearsed as it is."""
        as_read = (play_draft.c.play == play) & (play_draft.c.revision == revision)
        await self._connection.execute(update(play_draft).where(as_read).values(rehearsed_at=now))

    async def drop(self, play: str) -> None:
        """There is none any more."""
        await self._connection.execute(delete(play_draft).where(play_draft.c.play == play))
