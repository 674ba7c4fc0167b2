"""Tickets of a priority, whether they are open or not."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_ticket_priority", "ticket", ["priority", "opened_at", "id"])
