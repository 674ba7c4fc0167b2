"""Customers of a stage in a region are found without reading either's."""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_customer_stage_region_id", "customer", ["stage", "region", "id"])
