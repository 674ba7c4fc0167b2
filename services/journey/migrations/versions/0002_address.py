"""The postal address of a customer; stored answers with personal data go."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("customer_profile", sa.Column("address", sa.Text))
    op.execute("UPDATE idempotency SET body = '' WHERE route = 'POST /v1/customers'")
