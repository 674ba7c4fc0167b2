"""Alembic's entry: journey's tables."""

from services.journey.store.tables import metadata
from shared.db.migrate import run_env

run_env(metadata)
