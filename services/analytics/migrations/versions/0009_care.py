"""What a customer is worth beside the risk; who was contacted, and who is not to be listed for now."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TIME = sa.DateTime(timezone=True)
ORDER = (sa.text("at_stake DESC"), sa.text("risk DESC"), sa.text("customer"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("COMMENT ON COLUMN customer.history IS '[since, zone, region, plan, price]'")
    known = "of the subscription; NULL: nobody has told"
    op.add_column("risk", sa.Column("price_month", sa.Double, comment=known))
    worth = sa.Column(
        "at_stake", sa.Double, nullable=False, server_default="0", comment="risk * price_month"
    )
    op.add_column("risk", worth)
    op.create_index("ix_risk_at_stake", "risk", list(ORDER))
    op.create_index("ix_risk_tier_at_stake", "risk", [sa.text("tier"), *ORDER])
    op.create_index(
        "ix_risk_outage",
        "risk",
        ["region", "model", "plan"],
        postgresql_where=sa.text("outage"),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text, nullable=False, comment="account:<id>"),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default="", comment="people wrote it"),
    )
    op.create_index("ix_contact_customer_at", "contact", ["customer", sa.text("at DESC")])
    op.create_table(
        "snooze",
        sa.Column("customer", sa.Text, primary_key=True),
        sa.Column("until", sa.Date, nullable=False, comment="the day they are in the list again"),
        sa.Column(
            "gravity",
            sa.SmallInteger,
            nullable=False,
            comment="of the tier then: a graver one ends it",
        ),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text, nullable=False, comment="account:<id>"),
        sa.Column("reason", sa.Text, nullable=False, comment="people wrote it"),
    )
