"""What console keeps sealed: secrets of second factors, and links in mails that wait."""

from sqlalchemy import Column, Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.sealed.seal import Purpose
from services.console.handlers.ports import Kept
from services.console.store import mails
from services.console.store.tables import account, effect, mail

# column, where its account's id stands, what it is for
_WHERE: tuple[tuple[Column[str], Column[str], Purpose], ...] = (
    (account.c.totp_secret, account.c.id, "second factor"),
    (account.c.totp_pending, account.c.id, "second factor"),
    (effect.c.secret, effect.c.about, "mail"),
    (mail.c.secret, mail.c.account, "mail"),
)


class Sealed:
    """All of it, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def others(self, present: str) -> list[Kept]:
        """What was not sealed with the present key, held until the transaction ends."""
        kept: list[Kept] = []
        are_kept = await mails.are_kept(self._connection)
        for column, whose, purpose in _WHERE:
            table = _table(column)
            if table is mail and not are_kept:
                continue
            query = (
                select(table.c.id, whose.label("account"), column.label("text"))
                .where(column.is_not(None), ~column.startswith(f"{present}.", autoescape=True))
                .order_by(table.c.id)
                .with_for_update()
            )
            rows = await self._connection.execute(query)
            kept += [Kept(str(column), row.id, row.account, purpose, row.text) for row in rows]
        return kept

    async def write(self, kept: Kept, text: str) -> None:
        """The same, sealed anew; the account's version does not rise: nobody sees a change."""
        column = next(column for column, _, _ in _WHERE if str(column) == kept.column)
        table = _table(column)
        query = update(table).where(table.c.id == kept.id).values({column.name: text})
        await self._connection.execute(query)


def _table(column: Column[str]) -> Table:
    table = column.table
    assert isinstance(table, Table)  # noqa: S101 - SQLAlchemy also knows columns of queries
    return table
