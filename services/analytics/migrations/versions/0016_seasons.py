"""What each part of a year is to a customer; until a year is known, nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

SAYS = "what each part of the year is to the customer, 21 numbers of three bits"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    season = sa.Column("season", sa.BigInteger, nullable=False, server_default="0", comment=SAYS)
    op.add_column("state", season)
    op.add_column("state_closed", sa.Column("season", sa.BigInteger, comment=SAYS))
