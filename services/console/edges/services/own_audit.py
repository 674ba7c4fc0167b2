"""Console's own audit, read like that of the other services: without a way round over HTTP."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.edges.services.answers import Found
from services.console.edges.services.auditing import Fault, Row, Verdict
from shared.db import audit, audit_rows
from shared.db.audit_rows import Filter
from shared.web.pages import cursor, read

SHOWN = 50
WALKED = 1_000_000  # rows


class OwnAudit:
    """What admins ask of console's audit."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def rows(self, wanted: Mapping[str, str | None]) -> Found[Row]:
        """Who changed what, the newest first? Raises Problem: no place of a page, no time."""
        get = wanted.get
        moments = [moment(get(name)) for name in ("from", "to")]
        chosen = Filter(get("who"), get("action"), get("kind"), get("id"), *moments)
        after = get("after")
        before = None if after is None else _number(read(after))
        async with self._engine.connect() as connection:
            newest = await audit_rows.newest(connection, chosen, before, SHOWN + 1)
        fields = Row.__struct_fields__
        rows = [Row(**{name: values[name] for name in fields}) for values in newest[:SHOWN]]
        return Found(rows, cursor(rows[-1].n) if len(newest) > SHOWN else None)

    async def verify(self) -> Verdict:
        """Does every row stand as it was written?"""
        async with self._engine.connect() as connection:
            verdict = await audit.verify(connection, noted=None, begin=audit.START, most=WALKED)
        broken = None if verdict.broken is None else Fault(verdict.broken.n, verdict.broken.why)
        return Verdict(verdict.rows, verdict.head.n, verdict.head.hash.hex(), broken)


def moment(text: str | None) -> datetime | None:
    """A time of a filter; what is none counts as none.

    >>> moment("2026-03-01T00:00:00Z").year, moment("soon"), moment(None)
    (2026, None, None)
    """
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _number(values: tuple[object, ...]) -> int | None:
    match values:
        case (int() as n,) if 0 <= n < 2**62:
            return n
        case _:
            return None
