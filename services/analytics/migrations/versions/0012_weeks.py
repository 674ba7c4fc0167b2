"""What each weekday is to a customer; until it is learned, what it is to the cohort."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

SAYS = "what each weekday is to the customer, seven numbers of nine bits"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    week = sa.Column("week", sa.BigInteger, nullable=False, server_default="0", comment=SAYS)
    op.add_column("state", week)
    op.add_column("state_closed", sa.Column("week", sa.BigInteger, comment=SAYS))
