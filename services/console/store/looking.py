"""Who has the page of a ticket open: rows that run out by themselves."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.store.tables import account, looking


class Looking:
    """Rows of `looking`, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def look(self, ticket: str, who: str, until: datetime) -> None:
        """Somebody looks, until then unless it is said again."""
        row = insert(looking).values(ticket=ticket, account=who, until=until)
        keys = ["ticket", "account"]
        await self._connection.execute(
            row.on_conflict_do_update(index_elements=keys, set_={"until": until})
        )

    async def leave(self, ticket: str, who: str) -> None:
        """They do not look any more."""
        await self._connection.execute(
            delete(looking).where(looking.c.ticket == ticket, looking.c.account == who)
        )

    async def others(
        self, ticket: str, who: str, organisation: str | None, now: datetime
    ) -> list[str]:
        """Names of those of the same house who look too."""
        query = (
            select(account.c.name)
            .join(looking, looking.c.account == account.c.id)
            .where(
                looking.c.ticket == ticket,
                looking.c.account != who,
                looking.c.until > now,
                account.c.organisation.is_not_distinct_from(organisation),
            )
            .order_by(account.c.name)
        )
        return list((await self._connection.execute(query)).scalars())

    async def forget(self, now: datetime) -> None:
        """Drop what has run out."""
        await self._connection.execute(delete(looking).where(looking.c.until <= now))
