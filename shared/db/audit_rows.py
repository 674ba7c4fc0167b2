"""The audit read: by who, what, which thing and when, a page at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, MetaData, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.audit import Head
from shared.db.tables import audit_table

AT_ONCE = 1_000  # rows of an export that are in memory

_audit = audit_table(MetaData())
_SHOWN = [column for column in _audit.c if column.name != "previous_hash"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows; None: all.

    Attributes:
        since, until: from the one moment on, before the other.
    """

    who: str | None = None
    action: str | None = None
    kind: str | None = None
    id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As SQL."""
        wanted = {"who": self.who, "action": self.action, "kind": self.kind, "id": self.id}
        wanted_rows = [
            _audit.c[name] == value for name, value in wanted.items() if value is not None
        ]
        if self.since is not None:
            wanted_rows.append(_audit.c.at >= self.since)
        if self.until is not None:
            wanted_rows.append(_audit.c.at < self.until)
        return wanted_rows


async def newest(
    connection: AsyncConnection, wanted: Filter, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Rows with the newest first.

    Args:
        before: only those with a smaller number.
    """
    query = select(*_SHOWN).where(*wanted.conditions()).order_by(_audit.c.n.desc()).limit(limit)
    if before is not None:
        query = query.where(_audit.c.n < before)
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def oldest(
    connection: AsyncConnection, wanted: Filter, until: Head
) -> AsyncIterator[dict[str, Any]]:
    """All rows up to a head, the oldest first, a thousand in memory at a time."""
    after = 0
    while True:
        query = (
            select(*_SHOWN)
            .where(*wanted.conditions(), _audit.c.n > after, _audit.c.n <= until.n)
            .order_by(_audit.c.n)
            .limit(AT_ONCE)
        )
        rows = [dict(row) for row in (await connection.execute(query)).mappings()]
        await connection.rollback()  # no snapshot is held while a slow reader reads
        for row in rows:
            yield row
        if len(rows) < AT_ONCE:
            return
        after = rows[-1]["n"]
