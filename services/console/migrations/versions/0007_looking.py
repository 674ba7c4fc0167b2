"""Who has the page of a ticket open."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "looking",
        sa.Column("ticket", sa.Text, primary_key=True),
        sa.Column(
            "account", sa.Text, sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        comment="who has a ticket's page open",
    )
    op.create_index("ix_looking_until", "looking", ["until"])
