"""A database, its owner and a role for each service, and its tables; nothing is ever dropped."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import asyncpg
from sqlalchemy.engine import URL, make_url

from shared import log
from shared.clock import monotonic
from shared.db import migrate, roles
from shared.errors import BadSettings

ROOT = Path(__file__).resolve().parents[2]
CONNECT_S = 5.0
AGAIN_S = (0.5, 10.0)  # first and longest pause between attempts

_log = log.get("prepare.databases")


async def prepare(admin_url: str, database_urls: Mapping[str, str]) -> None:
    """Make roles and databases that are missing, then migrate each one as its owner.

    Args:
        admin_url: of a role that may make roles and databases.
        database_urls: by service, with the role and password that the service will use.
    """
    wanted = {service: _wanted(service, make_url(url)) for service, url in database_urls.items()}
    admin = await _connect(admin_url)
    try:
        for each in wanted.values():
            for made in await roles.make(admin, each):
                _log.info("made %s", made)
    finally:
        await admin.close()
    for service, each in wanted.items():
        inside = make_url(admin_url).set(database=each.database)
        connection = await _connect(inside.render_as_string(hide_password=False))
        try:
            await roles.give_rights(connection, each)
        finally:
            await connection.close()
        asynchronous = inside.set(drivername="postgresql+asyncpg")
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


def _wanted(service: str, url: URL) -> roles.Wanted:
    if not (url.username and url.password and url.database):
        raise BadSettings(
            f"{service.upper()}_DATABASE_URL is malformed: it must name user, password and database."
        )
    return roles.Wanted(url.database, url.username, url.password)
