"""Devices of a model and a firmware."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_source_model", "source", ["kind", "model", "firmware", "id"])
