"""The lines of tickets' histories: only ever added."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import asdict
from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.partners.organisation import ALWAYS_SHOWN
from services.support.domain.tickets.history import Entry
from services.support.store.tables import ticket_history
from shared.db import rows

_SHOWN = (
    ticket_history.c.id,
    ticket_history.c.ticket,
    ticket_history.c.at,
    ticket_history.c.who,
    ticket_history.c.what,
    ticket_history.c.detail,
)


class TicketHistory:
    """Lines of history, within the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, entries: Sequence[Entry]) -> None:
        """Add lines; one that is there already is the same line."""
        await rows.insert_new(
            self._connection, ticket_history, [asdict(entry) for entry in entries]
        )

    async def count(self, ticket: str) -> int:
        """How many lines a ticket has."""
        query = select(func.count()).where(ticket_history.c.ticket == ticket)
        return int((await self._connection.execute(query)).scalar_one())

    async def newest(
        self,
        ticket: str,
        before: tuple[datetime, str] | None,
        limit: int,
        organisation: str | None = None,
    ) -> list[Entry]:
        """Lines of a ticket, the newest first.

        Args:
            ticket: its id.
            before: `at` and id of the last line of the page before.
            limit: how many at most.
            organisation: only lines that this partner may see (`organisation.is_shown`).
        """
        query = select(*_SHOWN).where(ticket_history.c.ticket == ticket)
        if organisation is not None:
            query = query.where(_is_shown(organisation))
        if before is not None:
            query = query.where(tuple_(ticket_history.c.at, ticket_history.c.id) < tuple_(*before))
        query = query.order_by(ticket_history.c.at.desc(), ticket_history.c.id.desc())
        result = await self._connection.execute(query.limit(limit))
        return [Entry(**row) for row in result.mappings()]


def _is_shown(organisation: str) -> ColumnElement[bool]:
    """The same rule as `domain/partners/organisation.py: is_shown`, where pages are cut (a test compares)."""
    detail, what = ticket_history.c.detail, ticket_history.c.what
    by = detail["organisation"].as_string()
    marked = and_(by.is_(None), detail["audience"].as_string() == "shared")
    shown = and_(what == "commented", or_(by == organisation, marked))
    return or_(what.in_(sorted(ALWAYS_SHOWN)), shown)
