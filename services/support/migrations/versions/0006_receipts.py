"""When the newest report of a fault key happened by our clock: counters are compared by it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    moment = sa.Column(
        "last_moment",
        sa.DateTime(timezone=True),
        comment="last_at by our clock; between counters",
    )
    op.add_column("fault_key", moment)
