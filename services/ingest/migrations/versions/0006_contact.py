"""Since when messages may be waiting for a bucket's session, should it end now."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Expand only: whatever runs now knows none of this."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "bucket",
        sa.Column(
            "contact_at",
            sa.DateTime(timezone=True),
            comment="when we last had all that the broker had",
        ),
    )
