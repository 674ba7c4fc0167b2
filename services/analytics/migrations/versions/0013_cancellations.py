"""A second head, for cancellations; what it says of each customer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"

COLUMNS = (
    ("cancels_30", sa.Double, "the subscription is cancelled within 30 days; NULL: none is known"),
    ("cancels_90", sa.Double, "within 90 days"),
    ("cancels_by", sa.Date, "day of the head that says so; NULL: a stated prior"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "cancellation_head",
        sa.Column("region", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True, comment="it was fitted on: its version"),
        sa.Column(
            "head", JSONB, nullable=False, comment="what turns states into risk, its back-test"
        ),
        sa.Column("learned_from", sa.Integer, nullable=False, comment="outcomes"),
    )
    for table in ("risk", "risk_closed"):
        for name, type_, says in COLUMNS:
            op.add_column(table, sa.Column(name, type_, comment=says))
    says = "[since, zone, region, plan, price, paying]"
    op.alter_column("customer", "history", comment=says)
