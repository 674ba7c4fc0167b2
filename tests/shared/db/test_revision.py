"""A database is current when it is migrated, and nobody is still at it."""

import pytest
from sqlalchemy import text

from shared.db import revision
from shared.db.engine import make_engine
from shared.db.migrate import upgrade
from tests.apis import ROOT

pytestmark = pytest.mark.servers

MIGRATIONS = ROOT / "services" / "analytics" / "migrations"


async def test_a_database_is_current_after_its_migration_and_not_while_it_runs(postgres):
    url = await postgres.database("revision")
    engine, another = make_engine(url, pool=1), make_engine(url, pool=1)
    lock = {"lock": revision.MIGRATION_LOCK}
    try:
        assert not await revision.is_current(engine, MIGRATIONS)
        await upgrade(url, MIGRATIONS)
        assert await revision.is_current(engine, MIGRATIONS)
        async with another.connect() as at_it:
            await at_it.execute(text("SELECT pg_advisory_lock(:lock)"), lock)
            assert not await revision.is_current(engine, MIGRATIONS)
            await at_it.execute(text("SELECT pg_advisory_unlock(:lock)"), lock)
        assert await revision.is_current(engine, MIGRATIONS)
        newest = revision.told(revision.newest(MIGRATIONS), revision.newest(revision.RUNTIME))
        assert await upgrade(url, MIGRATIONS) == (newest, newest)
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE runtime_version SET version_num = '0000'"))
        assert not await revision.is_current(engine, MIGRATIONS)
    finally:
        await engine.dispose()
        await another.dispose()
