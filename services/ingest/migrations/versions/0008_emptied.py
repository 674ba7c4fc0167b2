"""How much is kept of one source's refused bytes has an end; a row whose bytes went says so."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Expand only: whatever runs now knows none of this."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "reject",
        sa.Column(
            "emptied_at",
            sa.DateTime(timezone=True),
            comment="its bytes made room for newer ones of the source",
        ),
    )
    op.create_index(
        "ix_reject_full", "reject", ["source"], postgresql_where=sa.text("emptied_at IS NULL")
    )
