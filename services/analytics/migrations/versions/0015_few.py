"""Whose risks are of a region, plan or model that few have."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("region", "plan", "model"):
        op.create_index(f"ix_risk_{name}", "risk", [name])
