"""People of business accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0027"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "contact",
        sa.Column("id", sa.Text, nullable=False, comment="derived from the request that added it"),
        sa.Column("customer", sa.Text, nullable=False, comment="the account"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False, comment="what they decide there"),
        sa.Column("email", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("zone", sa.Text, comment="IANA; NULL: the customer's"),
        sa.Column("channel", sa.Text, nullable=False, comment="email, phone: how they want it"),
        sa.Column("language", sa.Text, comment="NULL: the customer's"),
        sa.Column(
            "left_topics", sa.ARRAY(sa.Text), nullable=False, server_default="{}",
            comment="they want no more of; an empty one: all",
        ),
        sa.Column(
            "promotion", sa.Boolean, nullable=False, server_default="false",
            comment="they agreed to get promotions",
        ),
        sa.Column("said_at", TIME, comment="when what they want was written down"),
        sa.Column("said_by", sa.Text, comment="subject of a token"),
        sa.Column("added_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_contact_customer_customer", ondelete="CASCADE"
        ),
        comment="people of business accounts; personal data, read only to show it",
    )  # fmt: skip
    op.create_index("ix_contact_customer", "contact", ["customer", "added_at", "id"])
