"""The audit: every change by a person or program.

Nothing is left to do here: the runtime's tree makes it (shared/db/migrations).
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
