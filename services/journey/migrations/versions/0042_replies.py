"""Customers reply to mails."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "message",
        sa.Column(
            "replied_at", sa.TIMESTAMP(timezone=True),
            comment="by a mail of theirs, for the first time",
        ),
    )  # fmt: skip
    op.add_column(
        "task",
        sa.Column(
            "reply_to", sa.Text, comment="the mail that the customer replied to; NULL: they did not"
        ),
    )
    op.create_foreign_key(
        "fk_task_reply_to_message", "task", "message", ["reply_to"], ["id"], ondelete="CASCADE"
    )
    op.create_index(
        "ix_task_reply_to", "task", ["reply_to"], postgresql_where=sa.text("reply_to IS NOT NULL")
    )
