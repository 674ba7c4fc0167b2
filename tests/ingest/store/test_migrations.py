"""The migrations end at the tables, and a second run has nothing to do."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from services.ingest.store.tables import metadata
from shared.db.migrate import upgrade
from shared.db.revision import newest
from tests.ingest.conftest import MIGRATIONS

pytestmark = pytest.mark.servers


def differences(connection):
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return compare_metadata(context, metadata)


async def test_the_migrations_end_at_the_tables(engine):
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_second_migration_does_nothing(postgres, store_database):
    before, after = await upgrade(postgres.owner_of(store_database), MIGRATIONS)
    assert before == after == newest(MIGRATIONS)
