"""The tables of referrals; tables.py adds them to the others."""

from sqlalchemy import Column, Double, ForeignKey, Index, MetaData, Table, Text, UniqueConstraint

from shared.db.tables import TIME


def referral_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Add them to `metadata`."""
    # why cascade: a release that does not know the tables erases customers meanwhile
    referral_code = Table(
        "referral_code",
        metadata,
        Column("customer", Text, ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True),
        Column("code", Text, nullable=False, unique=True, comment="49 random bits"),
        Column("made_at", TIME, nullable=False),
        comment="what customers give to friends",
    )
    reward = Table(
        "reward",
        metadata,
        Column("id", Text, primary_key=True),
        Column("redemption", Text, nullable=False, comment="both rewards of a purchase have it"),
        Column("customer", Text, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False),
        Column("side", Text, nullable=False, comment="customer: recommended; friend: bought"),
        Column("code", Text, nullable=False),
        Column("product", Text, nullable=False),
        Column("order", Text, nullable=False, comment="the shop's number of the friend's order"),
        Column("amount", Double, nullable=False),
        Column("state", Text, nullable=False, comment="pending, final, reversed"),
        Column("redeemed_at", TIME, nullable=False),
        Column("due_at", TIME, comment="when it is final; NULL: it is settled"),
        Column("settled_at", TIME),
        UniqueConstraint("redemption", "side"),
        comment="the ledger of referrals: a row for each of both, neither names the other",
    )
    Index("ix_reward_due_at", reward.c.due_at)
    Index("ix_reward_customer_redeemed_at", reward.c.customer, reward.c.redeemed_at)
    Index("ix_reward_redeemed_at_id", reward.c.redeemed_at, reward.c.id)
    return referral_code, reward
