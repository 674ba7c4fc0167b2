"""Who may read which contact data in clear, and until when."""

from datetime import datetime

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.customers.reveals import COUNTED
from services.support.store.tables import reveal, reveal_count


class Reveals:
    """Permissions that end by themselves."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def grant(self, who: str, ticket: str, until: datetime) -> None:
        """Let somebody read the contact of a ticket until then; a second one prolongs it."""
        values = {"who": who, "ticket": ticket, "until": until}
        made = insert(reveal).values(**values)
        await self._connection.execute(
            made.on_conflict_do_update(
                index_elements=[reveal.c.who, reveal.c.ticket],
                set_={"until": made.excluded.until},
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
        await self._connection.execute(
            delete(reveal_count).where(reveal_count.c.since <= now - COUNTED)
        )

    async def count(self, who: str, now: datetime) -> int:
        """Count one permission of somebody; how many there are since an hour began."""
        begun = insert(reveal_count).values(who=who, since=now, count=1)
        again = reveal_count.c.since > now - COUNTED
        counted = begun.on_conflict_do_update(
            index_elements=[reveal_count.c.who],
            set_={
                "since": case((again, reveal_count.c.since), else_=begun.excluded.since),
                "count": case((again, reveal_count.c.count + 1), else_=1),
            },
        ).returning(reveal_count.c.count)
        return int((await self._connection.execute(counted)).scalar_one())
