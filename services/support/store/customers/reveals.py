"""Who may read which contact data in clear, and until when."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.store.tables import reveal


class Reveals:
    """Permissions that end by themselves."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def grant(self, who: str, ticket: str, until: datetime) -> None:
        """Let somebody read the contact of a ticket until then; a second one prolongs it."""
        values = {"who": who, "ticket": ticket, "until": until}
        statement = insert(reveal).values(**values)
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[reveal.c.who, reveal.c.ticket],
                set_={"until": statement.excluded.until},
            )
        )

    async def until(self, who: str, ticket: str, now: datetime) -> datetime | None:
        """Until when somebody may read it; None: not, or not any more."""
        query = select(reveal.c.until).where(
            reveal.c.who == who, reveal.c.ticket == ticket, reveal.c.until > now
        )
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def forget(self, now: datetime) -> None:
        """Remove what has ended; the audit keeps who read what."""
        await self._connection.execute(delete(reveal).where(reveal.c.until <= now))
