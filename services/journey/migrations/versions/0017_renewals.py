"""What came of terms that ended, and the ends of terms in their order."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "renewal_outcome",
        sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), primary_key=True),
        sa.Column("term_ends", TIME, primary_key=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, comment="of who goes on with less, or not at all"),
        sa.Column("who", sa.Text, nullable=False, comment="account:<id>"),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_index("ix_subscription_renews_at", "subscription", ["renews_at", "customer"])
