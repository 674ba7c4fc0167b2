"""The list of those who are erased; who asked for it, and which service has answered."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "erasure",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False, comment="subject of the token"),
        sa.Column("reason", sa.Text, nullable=False, comment="names nobody"),
        sa.Column(
            "told", sa.Integer, nullable=False, comment="how often the other services were told"
        ),
        sa.Column("tell_at", TIME, nullable=False, comment="when next"),
        sa.Column("completed_at", TIME, comment="all services had answered"),
        sa.PrimaryKeyConstraint("customer", name="pk_erasure"),
        comment="stays for good, under the opaque id",
    )
    op.create_index("ix_erasure_tell_at", "erasure", ["tell_at"])
    op.create_table(
        "erasure_done",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("done_at", TIME, comment="NULL: not yet"),
        sa.PrimaryKeyConstraint("customer", "service", name="pk_erasure_done"),
        sa.ForeignKeyConstraint(
            ["customer"], ["erasure.customer"], name="fk_erasure_done_customer_erasure"
        ),
    )
