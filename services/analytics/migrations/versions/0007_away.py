"""Absences that end; of a risk also state in a word, model and plan, and the list's order."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

SHARES = ("away_first", "away_second", "away_third")
WHOLE = ("absences", "absent_days")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in SHARES:
        op.add_column("state", sa.Column(name, sa.Double, nullable=False, server_default="0"))
    for name in WHOLE:
        op.add_column("state", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    for name, first in (("model", ""), ("plan", ""), ("state", "steady")):
        op.add_column("risk", sa.Column(name, sa.Text, nullable=False, server_default=first))
    op.add_column("risk", sa.Column("away", sa.Double, nullable=False, server_default="0"))
    op.create_index("ix_risk_risk_customer", "risk", [sa.text("risk DESC"), "customer"])
    op.create_index(
        "ix_risk_tier_risk_customer", "risk", ["tier", sa.text("risk DESC"), "customer"]
    )
