"""Customers, their state, what they bought, their history."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _customer()
    _owned()


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("known", sa.Boolean, nullable=False, comment="false: only heard of in an event"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False, comment="IANA time zone of the customer's days"),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("stage", sa.Text),
        sa.Column("stage_since", TIME),
        sa.Column("entries", sa.Integer, nullable=False, comment="rows in stage_history"),
        sa.Column(
            "evaluated",
            sa.BigInteger,
            nullable=False,
            comment="history known up to, epoch seconds",
        ),
        sa.Column("due_at", TIME, comment="when time alone may change the stage, at the earliest"),
        sa.Column("uses", sa.BigInteger, nullable=False),
        sa.Column("last_use", sa.BigInteger, nullable=False, comment="epoch seconds"),
        sa.Column(
            "routine_from",
            sa.BigInteger,
            nullable=False,
            comment="uses in this span change sums only",
        ),
        sa.Column("routine_to", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, comment="of the newest customer.changed"),
        sa.Column("republish_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("ix_customer_stage_id", "customer", ["stage", "id"])
    op.create_index(
        "ix_customer_due_at", "customer", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index(
        "ix_customer_republish_at",
        "customer",
        ["republish_at"],
        postgresql_where=sa.text("republish_at IS NOT NULL"),
    )


def _of_customer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["customer"], ["customer.id"], name=f"fk_{table}_customer_customer"
    )


def _owned() -> None:
    op.create_table(
        "customer_state",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False, comment="domain/state.py as UTF-8 JSON"),
        sa.PrimaryKeyConstraint("customer", name="pk_customer_state"),
        _of_customer("customer_state"),
    )
    op.create_table(
        "customer_profile",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("locale", sa.Text),
        sa.PrimaryKeyConstraint("customer", name="pk_customer_profile"),
        _of_customer("customer_profile"),
        comment="personal data: read only to show it, never in an event or a log",
    )
    op.create_table(
        "subscription",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("renews_at", TIME),
        sa.Column("price_month", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("customer", name="pk_subscription"),
        _of_customer("subscription"),
    )
    op.create_table(
        "purchase",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("price", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_purchase"),
        _of_customer("purchase"),
    )
    op.create_index("ix_purchase_customer_at", "purchase", ["customer", "at"])
    op.create_table(
        "stage_history",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("n", sa.Integer, nullable=False, comment="0, 1, 2, ... in time order"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("previous", sa.Text),
        sa.Column(
            "cause", sa.Text, nullable=False, comment="identity of an event, or timer:<fact>"
        ),
        sa.PrimaryKeyConstraint("customer", "n", name="pk_stage_history"),
        _of_customer("stage_history"),
    )
