"""Alembic, one tree per service: run it, and what every tree's env.py and first revision call."""

from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from shared.db import owner
from shared.db.engine import make_engine
from shared.db.revision import MIGRATION_LOCK
from shared.db.tables import NAMING, audit_table, erased_table, runtime_tables


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return config


def run_env(metadata: MetaData) -> None:
    """The whole of a tree's env.py: migrate on the connection `upgrade` has opened."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def runtime_up(operations: Any) -> None:
    """Create the runtime's tables, in a service's first revision."""
    metadata = MetaData(naming_convention=NAMING)
    runtime_tables(metadata)
    metadata.create_all(operations.get_bind())


def audit_up(operations: Any) -> None:
    """Create the audit where the first revision was run before there was one."""
    metadata = MetaData(naming_convention=NAMING)
    audit_table(metadata)
    metadata.create_all(operations.get_bind())


def erased_up(operations: Any) -> None:
    """Create the list of the erased, where the first revision is older than it."""
    metadata = MetaData(naming_convention=NAMING)
    erased_table(metadata)
    metadata.create_all(operations.get_bind())


INDEX = """CREATE INDEX IF NOT EXISTS ix_quarantine_source ON quarantine (source)
    WHERE source IS NOT NULL"""


def conflicts_up(operations: Any) -> None:
    """Add what tells conflicts from repetitions, where the first revision is older than it."""
    for statement in (
        "ALTER TABLE ledger ADD COLUMN IF NOT EXISTS min_at timestamptz",
        "ALTER TABLE ledger ADD COLUMN IF NOT EXISTS recent bytea",
        "ALTER TABLE quarantine ADD COLUMN IF NOT EXISTS source text",
        "ALTER TABLE quarantine ADD COLUMN IF NOT EXISTS stands_for bigint NOT NULL DEFAULT 1",
        INDEX,
    ):
        operations.execute(statement)


def _upgrade(connection: Connection, migrations: Path) -> None:
    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def upgrade(url: str, migrations: Path) -> tuple[str | None, str | None]:
    """Bring a database to the newest revision; one process at a time, the others wait.

    Args:
        url: of a role that owns the database, or may act as the one that does.
    Returns: revision before and after; equal when there was nothing to do.
    """
    engine = make_engine(url, pool=1, application="playcaller-migrate")
    try:
        async with engine.connect() as connection:
            await connection.execute(
                text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK}
            )
            await connection.commit()
            await owner.become_owner(connection)
            before = await connection.run_sync(_revision)
            await connection.commit()
            await connection.run_sync(_upgrade, migrations)
            await connection.commit()
            after = await connection.run_sync(_revision)
            await owner.narrow(connection)
            await connection.execute(
                text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK}
            )
            await connection.commit()
    finally:
        await engine.dispose()
    return before, after


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
