"""Customers found by words of name and address, by region and by plan."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    words = "to_tsvector('simple'::regconfig, translate(name || ' ' || coalesce(email, ''), '@.-_+', '     '))"
    op.create_index(
        "ix_customer_profile_words", "customer_profile", [sa.text(words)], postgresql_using="gin"
    )
    op.create_index("ix_customer_region_id", "customer", ["region", "id"])
    op.create_index("ix_subscription_plan_customer", "subscription", ["plan", "customer"])
