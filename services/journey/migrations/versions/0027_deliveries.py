"""What shops and billing systems tell by webhooks, and what was paid back."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0023"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "delivery",
        sa.Column("id", sa.Text, nullable=False, comment="shop/webhook-id"),
        sa.Column("shop", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, comment="their word for what happened"),
        sa.Column("hash", sa.Text, nullable=False, comment="SHA-256 of the body"),
        sa.Column("sent_at", TIME, nullable=False, comment="as it is signed"),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("state", sa.Text, nullable=False, comment="done, ignored, kept, discarded"),
        sa.Column("why", sa.Text, comment="it is kept"),
        sa.Column("customer", sa.Text, comment="whom it is about, as far as that could be read"),
        sa.Column("body", sa.Text, comment="of what is kept, until somebody has looked after it"),
        sa.Column("forget_at", TIME, nullable=False, comment="its id is known until then"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        comment="what shops sent, by its id: done once however often it is sent",
    )
    op.create_index("ix_delivery_forget_at", "delivery", ["forget_at"])
    op.create_index("ix_delivery_customer", "delivery", ["customer"])
    op.create_index(
        "ix_delivery_kept", "delivery", ["received_at", "id"],
        postgresql_where=sa.text("state = 'kept'"),
    )  # fmt: skip
    op.create_table(
        "refund",
        sa.Column("id", sa.Text, nullable=False, comment="derived from what told it"),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("order", sa.Text, nullable=False, comment="the shop's number of it"),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("price", sa.Double, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refund"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_refund_customer_customer", ondelete="CASCADE"
        ),
        comment="what was paid back",
    )
    op.create_index("ix_refund_customer_at", "refund", ["customer", "at"])
    op.create_index("ix_refund_order", "refund", ["order"])
