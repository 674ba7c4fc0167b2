"""Whose rejects may be judged again is one look into an index."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Expand only: whatever runs now knows none of this."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_reject_uncured",
        "reject",
        ["reason", "source"],
        postgresql_where=sa.text("cured_at IS NULL"),
    )
