"""Codes that customers give to friends, and the rewards of both."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "referral_code",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False, comment="49 random bits"),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("customer", name="pk_referral_code"),
        sa.UniqueConstraint("code", name="uq_referral_code_code"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_referral_code_customer_customer",
            ondelete="CASCADE",
        ),
        comment="what customers give to friends",
    )  # fmt: skip
    op.create_table(
        "reward",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("redemption", sa.Text, nullable=False, comment="both rewards of a purchase have it"),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("side", sa.Text, nullable=False, comment="customer: recommended; friend: bought"),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("order", sa.Text, nullable=False, comment="the shop's number of the friend's order"),
        sa.Column("amount", sa.Double, nullable=False),
        sa.Column("state", sa.Text, nullable=False, comment="pending, final, reversed"),
        sa.Column("redeemed_at", TIME, nullable=False),
        sa.Column("due_at", TIME, comment="when it is final; NULL: it is settled"),
        sa.Column("settled_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_reward"),
        sa.UniqueConstraint("redemption", "side", name="uq_reward_redemption_side"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_reward_customer_customer", ondelete="CASCADE"
        ),
        comment="the ledger of referrals: a row for each of both, neither names the other",
    )  # fmt: skip
    op.create_index("ix_reward_due_at", "reward", ["due_at"])
    op.create_index("ix_reward_customer_redeemed_at", "reward", ["customer", "redeemed_at"])
    op.create_index("ix_reward_redeemed_at_id", "reward", ["redeemed_at", "id"])
