"""Messages in the app: the way they go, what a click opens, what came of them."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0020"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "message",
        sa.Column("channel", sa.Text, nullable=False, server_default="email", comment="email, app"),
    )
    for name, type_, comment in (
        ("opens", sa.Text, "what an app opens on a click"),
        ("seen_at", TIME, "in the app"),
        ("clicked_at", TIME, "what it leads to was opened"),
    ):
        op.add_column("message", sa.Column(name, type_, comment=comment))
