"""What customers said about the mails they get, and addresses that nothing is sent to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "left_topic",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False, comment="empty: all of them"),
        sa.Column("channel", sa.Text, nullable=False, comment="empty: all of them"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("how", sa.Text, nullable=False, comment="one_click, asked"),
        sa.PrimaryKeyConstraint("customer", "topic", "channel", name="pk_left_topic"),
        _of_customer("left_topic"),
    )
    op.create_table(
        "agreement",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("customer", "purpose", name="pk_agreement"),
        _of_customer("agreement"),
    )
    op.create_table(
        "suppressed_address",
        sa.Column("hash", sa.Text, comment="SHA-256 of the address"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_suppressed_address"),
        comment="nothing is sent there; it stays when a customer is erased, and names nobody",
    )


def _of_customer(table: str) -> sa.ForeignKeyConstraint:
    # why cascade: a release that does not know the table erases customers meanwhile
    name = f"fk_{table}_customer_customer"
    return sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=name, ondelete="CASCADE")
