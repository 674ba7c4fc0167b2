"""Mails that wait to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.mail import Mail
from services.console.store.tables import mail


class Mails:
    """Mails, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, one: Mail) -> None:
        """A new mail."""
        row = {column.name: getattr(one, column.name) for column in mail.columns}
        await self._connection.execute(insert(mail).values(row))

    async def lease(self, now: datetime, until: datetime) -> Mail | None:
        """The next mail that is due, ours alone until `until`; one more attempt is counted."""
        due = (
            select(mail.c.id)
            .where(mail.c.due_at <= now)
            .order_by(mail.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        query = (
            update(mail)
            .where(mail.c.id == due.scalar_subquery())
            .values(due_at=until, attempts=mail.c.attempts + 1)
            .returning(*mail.columns)
        )
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else _mail(row)

    async def again(self, id_: str, due_at: datetime) -> None:
        """Try it again later."""
        await self._connection.execute(update(mail).where(mail.c.id == id_).values(due_at=due_at))

    async def delete(self, id_: str) -> None:
        """It is out, or given up."""
        await self._connection.execute(delete(mail).where(mail.c.id == id_))

    async def next_due(self) -> datetime | None:
        """When the next one is due."""
        query = select(mail.c.due_at).order_by(mail.c.due_at).limit(1)
        return (await self._connection.execute(query)).scalar_one_or_none()


def _mail(row: Row[Any]) -> Mail:
    return Mail(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
