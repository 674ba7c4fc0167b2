"""One database and one role per service, and its tables; nothing is ever dropped."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import asyncpg
from sqlalchemy.engine import URL, make_url

from shared import log
from shared.clock import monotonic
from shared.db import migrate
from shared.errors import BadSettings

ROOT = Path(__file__).resolve().parents[2]
CONNECT_S = 5.0
AGAIN_S = (0.5, 10.0)  # first and longest pause between attempts

_log = log.get("prepare.databases")


async def prepare(admin_url: str, database_urls: Mapping[str, str]) -> None:
    """Make roles and databases that are missing, then migrate each one as its own role.

    Args:
        admin_url: of a role that may make roles and databases.
        database_urls: by service.
    """
    admin = await _connect(admin_url)
    try:
        for service, url in database_urls.items():
            await _make(admin, service, make_url(url))
    finally:
        await admin.close()
    for service, url in database_urls.items():
        asynchronous = make_url(url).set(drivername="postgresql+asyncpg")
        before, after = await migrate.upgrade(
            asynchronous.render_as_string(hide_password=False),
            ROOT / "services" / service / "migrations",
        )
        what = f"at {after}" if before == after else f"from {before} to {after}"
        _log.info("database of %s %s", service, what)


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect as soon as PostgreSQL takes connections. Raises BadSettings: wrong credentials."""
    began, wait = monotonic(), AGAIN_S[0]
    while True:
        try:
            return await asyncpg.connect(url, timeout=CONNECT_S)
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise BadSettings(
                "ADMIN_DATABASE_URL: PostgreSQL refuses this user and password. The password of "
                "the first start is kept in the volume `postgres`."
            ) from error
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            _log.warning(
                "waiting for PostgreSQL, %.0f s", monotonic() - began,
                extra={"error": type(error).__name__},
            )  # fmt: skip
            await asyncio.sleep(wait)
            wait = min(wait * 2, AGAIN_S[1])


async def _make(admin: "asyncpg.Connection[asyncpg.Record]", service: str, url: URL) -> None:
    if not (url.username and url.password and url.database):
        raise BadSettings(
            f"{service.upper()}_DATABASE_URL is malformed: it must name user, password and database."
        )
    role, database = _name(url.username), _name(url.database)
    secret = await admin.fetchval("SELECT quote_literal($1)", url.password)
    if await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", url.username):
        await admin.execute(f"ALTER ROLE {role} LOGIN PASSWORD {secret}")
    else:
        await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD {secret}")
        _log.info("made role %s", url.username)
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", url.database):
        await admin.execute(f"CREATE DATABASE {database} OWNER {role}")
        _log.info("made database %s", url.database)
    await admin.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")


def _name(text: str) -> str:
    """An SQL identifier.

    >>> _name('a"b')
    '"a""b"'
    """
    return '"' + text.replace('"', '""') + '"'
