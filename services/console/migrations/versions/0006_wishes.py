"""How people want to work, with their account: the release now running does not read it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "account",
        sa.Column(
            "wishes",
            JSONB,
            nullable=False,
            server_default=sa.text("'{}'::jsonb"),
            comment="how they want to work: keys, columns, saved views",
        ),
    )
