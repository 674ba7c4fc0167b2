"""How long the play of a run was paused while it stood at its step: its clocks are so much later."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "run",
        sa.Column(
            "paused_s", sa.Integer, nullable=False, server_default="0",
            comment="seconds that its play was paused since the step began: they do not count",
        ),
    )  # fmt: skip
