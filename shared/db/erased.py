"""Who is erased in this database, and the lock that keeps writers and erasures apart.

Whoever writes holds the lock together with all other writers; an erasure holds it alone. So an
erasure waits for what is under way, and whoever begins later finds the subject in `erased`: nobody
writes rows of somebody whose erasure has just been committed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

LOCK = 7_006  # advisory, of the service's own database

_TOGETHER = text("SELECT pg_advisory_xact_lock_shared(:lock)")
_ALONE = text("SELECT pg_advisory_xact_lock(:lock)")
_KNOWN = text(
    """SELECT subject FROM erased WHERE subject IN
    (SELECT json_array_elements_text(CAST(:subjects AS json)))"""
)
_ADD = text(
    """INSERT INTO erased (subject, at)
    SELECT * FROM unnest(CAST(:subjects AS text[]), CAST(:at AS timestamptz[])) AS v(subject, at)
    ORDER BY v.subject ON CONFLICT (subject) DO NOTHING"""
)
_PAGE = text("SELECT subject, at FROM erased WHERE subject > :after ORDER BY subject LIMIT :limit")


async def hold(connection: AsyncConnection, *, alone: bool = False) -> None:
    """Hold the lock until the transaction ends; the first statement of every writer.

    Args:
        alone: for an erasure.
    """
    await connection.execute(_ALONE if alone else _TOGETHER, {"lock": LOCK})


async def known(connection: AsyncConnection, subjects: Iterable[str]) -> set[str]:
    """Which of these are erased; only with the lock the answer holds until the end."""
    wanted = list(subjects)
    if not wanted:
        return set()
    asked = {"subjects": msgspec.json.encode(wanted).decode()}
    return set((await connection.execute(_KNOWN, asked)).scalars())


async def add(connection: AsyncConnection, subjects: Mapping[str, datetime]) -> None:
    """Remember subjects and when their erasure was asked for; those there already stay."""
    await connection.execute(_ADD, {"subjects": list(subjects), "at": list(subjects.values())})


async def page(connection: AsyncConnection, after: str, limit: int) -> dict[str, datetime]:
    """Erased subjects by id, those behind `after`."""
    result = await connection.execute(_PAGE, {"after": after, "limit": limit})
    return {row.subject: row.at for row in result}
