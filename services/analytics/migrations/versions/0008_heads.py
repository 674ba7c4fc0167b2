"""Risk learned from a region's own history: snapshots to learn from, heads, risk of 90 days."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "snapshot",
        sa.Column("region", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("customer", sa.Text, primary_key=True),
        sa.Column("numbers", sa.LargeBinary, nullable=False, comment="of state, as of that day"),
    )
    op.create_index("ix_snapshot_customer", "snapshot", ["customer"])
    op.create_table(
        "head",
        sa.Column("region", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True, comment="it was fitted on: its version"),
        sa.Column(
            "head", JSONB, nullable=False, comment="what turns states into risk, its back-test"
        ),
        sa.Column("learned_from", sa.Integer, nullable=False, comment="outcomes"),
    )
    after = "no use within 90 days; NULL before there is a head"
    op.add_column("risk", sa.Column("risk_90", sa.Double, comment=after))
    by = "day of the head the risk is by; NULL: a stated prior"
    op.add_column("risk", sa.Column("head", sa.Date, comment=by))
