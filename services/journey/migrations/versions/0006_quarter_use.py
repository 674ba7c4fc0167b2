"""When customers nobody has handed in used something: their zone is not known yet."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "quarter_use",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("quarter", sa.BigInteger, nullable=False, comment="of an hour since 1970"),
        sa.Column("at", sa.BigInteger, nullable=False, comment="first use in it, epoch seconds"),
        sa.Column("cause", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("customer", "quarter", name="pk_quarter_use"),
        # why cascade: a release that does not know the table erases customers meanwhile
        sa.ForeignKeyConstraint(
            ["customer"],
            ["customer.id"],
            name="fk_quarter_use_customer_customer",
            ondelete="CASCADE",
        ),
        comment="of customers nobody has handed in: their days are told from it once the zone is"
        " known",
    )
