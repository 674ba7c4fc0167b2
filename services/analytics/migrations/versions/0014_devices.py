"""When each device was heard last, and the spells in which one is missed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0014"
down_revision = "0013"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "device_heard",
        sa.Column("customer", sa.Text, primary_key=True),
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("began", TIME, comment="its first sign arrived; NULL: only lost yet"),
        sa.Column(
            "heard",
            sa.Date,
            comment="the last day of UTC with anything of it; NULL: likewise",
        ),
        sa.Column(
            "every_days",
            sa.SmallInteger,
            nullable=False,
            server_default="0",
            comment="between heartbeats; 0: more often",
        ),
        sa.Column(
            "gaps",
            JSONB,
            nullable=False,
            server_default=sa.text("'[]'"),
            comment="[since, until what ended it arrived, every_days]",
        ),
        sa.Column("gap_until", TIME, comment="of the newest gap"),
        sa.Column(
            "lost",
            ARRAY(sa.Date),
            nullable=False,
            server_default=sa.text("'{}'"),
            comment="it went away from the customer, known from these days on",
        ),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_device_heard_heard", "device_heard", ["heard"])
    op.create_index(
        "ix_device_heard_gap_until",
        "device_heard",
        ["gap_until"],
        postgresql_where=sa.text("gap_until IS NOT NULL"),
    )
    op.create_table(
        "unreachable",
        sa.Column("customer", sa.Text, primary_key=True),
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("since", sa.Date, primary_key=True, comment="it was heard last"),
        sa.Column("told_at", TIME, nullable=False, comment="T_close of the day that missed it"),
        sa.Column("over_at", TIME, comment="likewise, of the day that heard it again"),
    )
    op.create_index("ix_unreachable_device", "unreachable", ["device"])
    op.create_index(
        "ix_unreachable_open",
        "unreachable",
        ["customer"],
        postgresql_where=sa.text("over_at IS NULL"),
    )
