"""The list of those who are erased.

Nothing is left to do here: the runtime's tree makes it (shared/db/migrations).
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
