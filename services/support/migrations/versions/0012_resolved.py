"""How many tickets were resolved on a day."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_ticket_resolved_at", "ticket", ["resolved_at"])
