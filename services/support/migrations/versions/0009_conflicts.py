"""What tells another event under a known number from the same one again."""

from alembic import op

from shared.db.migrate import conflicts_up

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    conflicts_up(op)
