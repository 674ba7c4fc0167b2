"""What is offered to customers, and what they make of it."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "offer",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, comment="promotion, upgrade"),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False, comment="of the product, as it was offered"),
        sa.Column("list_price", sa.Double, nullable=False, comment="when it was made"),
        sa.Column("price", sa.Double, nullable=False, comment="what it costs them"),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False, comment="subject; the service: a play"),
        sa.Column("valid_until", TIME, nullable=False),
        sa.Column("state", sa.Text, nullable=False, comment="open, accepted, declined, expired"),
        sa.Column("due_at", TIME, comment="when it expires; NULL: it is not open any more"),
        sa.Column("settled_at", TIME),
        sa.Column(
            "settled_by", sa.Text, comment="subject; NULL: they bought it, or its time was over"
        ),
        sa.Column("run", sa.Text, comment="whose step made it; NULL: a person did"),
        sa.Column("play", sa.Text),
        sa.Column("step", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_offer_customer_customer", ondelete="CASCADE"
        ),
        comment="what was offered to customers, and what they made of it",
    )
    op.create_index("ix_offer_due_at", "offer", ["due_at"])
    op.create_index("ix_offer_customer_made_at", "offer", ["customer", "made_at"])
    op.create_index("ix_offer_run", "offer", ["run"])
    op.create_index(
        "uq_offer_customer_product_open", "offer", ["customer", "product"], unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
