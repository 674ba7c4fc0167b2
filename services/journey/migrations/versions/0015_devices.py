"""Devices of customers: by their model and firmware customers are found."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "device",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False, comment="of its owner in the registry"),
        sa.Column("customer", sa.Text, comment="the present owner"),
        sa.Column("model", sa.Text),
        sa.Column("firmware", sa.Text),
        sa.Column("firmware_at", sa.DateTime(timezone=True), comment="since when it runs it"),
    )
    op.create_index("ix_device_customer", "device", ["customer"])
    op.create_index("ix_device_model", "device", ["model", "firmware", "customer"])
    op.create_index("ix_device_firmware", "device", ["firmware", "customer"])
