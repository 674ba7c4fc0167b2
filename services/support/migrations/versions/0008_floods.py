"""How many tickets a device opened lately: beyond a number they become one."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    day = "the day, by receipts, in which it opened `opened` tickets"
    op.add_column("device", sa.Column("opened_since", sa.DateTime(timezone=True), comment=day))
    none = sa.text("0")
    op.add_column("device", sa.Column("opened", sa.Integer, nullable=False, server_default=none))
