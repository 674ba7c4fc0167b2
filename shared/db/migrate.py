"""Alembic: the runtime's tree, then the service's own; and what every tree's env.py calls."""

from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from shared.db import owner
from shared.db.engine import make_engine
from shared.db.revision import MIGRATION_LOCK, RUNTIME, RUNTIME_VERSION, SERVICE_VERSION, told


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return config


def run_env(metadata: MetaData, version_table: str = SERVICE_VERSION) -> None:
    """The whole of a tree's env.py: migrate on the connection `upgrade` has opened.

    Args:
        version_table: where the tree writes down how far it is.
    """
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=version_table,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _upgrade(connection: Connection, migrations: Path) -> None:
    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def upgrade(url: str, migrations: Path) -> tuple[str | None, str | None]:
    """Bring a database to the newest revisions; one process at a time, the others wait.

    Args:
        url: of a role that owns the database, or may act as the one that does.
        migrations: the service's tree; the runtime's comes before it.
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
            for tree in (RUNTIME, migrations):
                await connection.run_sync(_upgrade, tree)
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
    runtime, service = (
        MigrationContext.configure(connection, opts={"version_table": table}).get_current_revision()
        for table in (RUNTIME_VERSION, SERVICE_VERSION)
    )
    return told(service, runtime)
