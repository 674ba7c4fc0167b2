"""Who wrote down what customers said, whose address is sent nothing, who is held out of all plays."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

TIME = sa.DateTime(timezone=True)
BY = "subject of a token; NULL: the customer, or a release that did not keep it"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("left_topic", sa.Column("who", sa.Text, comment=BY))
    op.add_column("agreement", sa.Column("who", sa.Text, comment=BY))
    op.add_column(
        "suppressed_address",
        sa.Column("customer", sa.Text, comment="whose it was; NULL: erased, or not kept"),
    )
    op.add_column(
        "suppressed_address",
        sa.Column("who", sa.Text, comment="subject of a token; NULL: a mail server"),
    )
    op.create_foreign_key(
        "fk_suppressed_address_customer_customer", "suppressed_address", "customer",
        ["customer"], ["id"], ondelete="SET NULL",
    )  # fmt: skip
    op.create_index("ix_suppressed_address_customer", "suppressed_address", ["customer"])
    op.create_index("ix_suppressed_address_at_hash", "suppressed_address", ["at", "hash"])
    op.create_table(
        "holdout",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("held_out", sa.Boolean, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("customer", name="pk_holdout"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_holdout_customer_customer", ondelete="CASCADE"
        ),
        comment="of all plays: drawn when a customer first enters one, and kept",
    )
    op.create_table(
        "mail_rate",
        sa.Column("domain", sa.Text, nullable=False, comment="SHA-256 of it"),
        sa.Column("full_at", TIME, nullable=False, comment="when its bucket is full again"),
        sa.PrimaryKeyConstraint("domain", name="pk_mail_rate"),
        comment="mails to one domain: a token bucket each",
    )
