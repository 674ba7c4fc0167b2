"""Alembic's entry: analytics' tables."""

from services.analytics.store.tables import metadata
from shared.db.migrate import run_env

run_env(metadata)
