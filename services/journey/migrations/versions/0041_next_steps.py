"""The next step of a conversation is a task."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column(
        "task", "run", existing_type=sa.Text, nullable=True,
        comment="NULL: of no play, the next step of a conversation",
    )  # fmt: skip
    op.add_column(
        "task",
        sa.Column(
            "talk", sa.Text, comment="the conversation whose next step it is; NULL: a play's"
        ),
    )
    op.create_foreign_key("fk_task_talk_talk", "task", "talk", ["talk"], ["id"], ondelete="CASCADE")
    op.create_unique_constraint("uq_task_talk", "task", ["talk"])
