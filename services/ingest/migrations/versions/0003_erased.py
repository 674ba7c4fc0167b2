"""The list of those who are erased."""

from alembic import op

from shared.db.migrate import erased_up

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    erased_up(op)
