"""The audit: every change by a person or program."""

from alembic import op

from shared.db.migrate import audit_up

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    audit_up(op)
