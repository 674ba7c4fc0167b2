"""Is the database at the newest revisions? Asked at every start, so without loading Alembic."""

import re
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.trouble import sqlstate

UNDEFINED_TABLE = "42P01"
RUNTIME = Path(__file__).with_name("migrations")
"""The tree of the tables that every service has; each service has one of its own besides."""
RUNTIME_VERSION, SERVICE_VERSION = "runtime_version", "alembic_version"
"""Tables in which the two trees write down how far they are."""
MIGRATION_LOCK = 7_003  # taken by whoever migrates
_NOBODY_MIGRATES = text("SELECT pg_try_advisory_xact_lock_shared(:lock)")
_REVISIONS = text(
    f"""SELECT (SELECT version_num FROM {RUNTIME_VERSION}),
    (SELECT version_num FROM {SERVICE_VERSION})"""  # noqa: S608 - names of ours
)
_REVISION = re.compile(r'^revision(?:: str)? = "([^"]+)"$', re.MULTILINE)


def newest(migrations: Path) -> str:
    """The revision of the last file: their names are numbered in order."""
    files = sorted((migrations / "versions").glob("[0-9]*.py"))
    match = _REVISION.search(files[-1].read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(f"{files[-1].name} has no line `revision = ...`")
    return match[1]


def told(service: str | None, runtime: str | None) -> str | None:
    """Both trees' revisions in words; None: neither has been here.

    >>> told("0009", "0001"), told("0009", None), told(None, None)
    ('0009, runtime 0001', '0009, runtime none', None)
    """
    if service is None and runtime is None:
        return None
    return f"{service or 'none'}, runtime {runtime or 'none'}"


async def is_current(engine: AsyncEngine, migrations: Path) -> bool:
    """Whether the database is at the newest of both trees; False also before or while somebody migrates it.

    After the last revision its owner still narrows rights: only then is it done.
    """
    try:
        async with engine.connect() as connection:
            if not await connection.scalar(_NOBODY_MIGRATES, {"lock": MIGRATION_LOCK}):
                return False
            revisions = (await connection.execute(_REVISIONS)).one()
            return tuple(revisions) == (newest(RUNTIME), newest(migrations))
    except ProgrammingError as error:
        if sqlstate(error) == UNDEFINED_TABLE:
            return False
        raise
