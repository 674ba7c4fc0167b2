"""Is the database at the newest revision? Asked at every start, so without loading Alembic."""

import re
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.trouble import sqlstate

UNDEFINED_TABLE = "42P01"
MIGRATION_LOCK = 7_003  # taken by whoever migrates
_NOBODY_MIGRATES = text("SELECT pg_try_advisory_xact_lock_shared(:lock)")
_REVISION = re.compile(r'^revision(?:: str)? = "([^"]+)"$', re.MULTILINE)


def newest(migrations: Path) -> str:
    """The revision of the last file: their names are numbered in order."""
    files = sorted((migrations / "versions").glob("[0-9]*.py"))
    found = _REVISION.search(files[-1].read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{files[-1].name} has no line `revision = ...`")
    return found[1]


async def is_current(engine: AsyncEngine, migrations: Path) -> bool:
    """Whether the database is at that revision; False also before or while somebody migrates it.

    After the last revision its owner still narrows rights: only then is it done.
    """
    try:
        async with engine.connect() as connection:
            if not await connection.scalar(_NOBODY_MIGRATES, {"lock": MIGRATION_LOCK}):
                return False
            found = await connection.execute(text("SELECT version_num FROM alembic_version"))
            return found.scalar_one_or_none() == newest(migrations)
    except ProgrammingError as error:
        if sqlstate(error) == UNDEFINED_TABLE:
            return False
        raise
