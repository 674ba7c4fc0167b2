"""A play's life: drafts that a second person approves, versions with their files, pause and retirement."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0018"
down_revision = "0017"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in (
        sa.Column("revision", sa.Integer, nullable=False, server_default="1", comment="changes"),
        sa.Column(
            "under_way", sa.Text, nullable=False, server_default="follow",
            comment="follow, pin: runs under way keep the version they began with",
        ),
        sa.Column("changed_by", sa.Text, comment="subject of a token; NULL: the folder"),
        sa.Column("why", sa.Text, comment="it was paused or retired"),
    ):  # fmt: skip
        op.add_column("play", column)
    for column in (
        sa.Column("files", JSONB, comment="by name; NULL: of a release that did not keep them"),
        sa.Column(
            "moved", JSONB, nullable=False, server_default=sa.text("'{}'"),
            comment="by step that is gone, where those who stood there go on",
        ),
        sa.Column("source", sa.Text, nullable=False, server_default="folder",
                  comment="folder, draft, rollback"),
        sa.Column("restores", sa.Integer, comment="the earlier version that it is again"),
        sa.Column("authors", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("approved_by", sa.Text),
        sa.Column("published_by", sa.Text, comment="NULL: the folder"),
    ):  # fmt: skip
        op.add_column("play_version", column)
    op.alter_column(
        "play", "state", existing_type=sa.Text, existing_nullable=False,
        existing_comment="live, retired", comment="live, paused, closing, retired",
    )  # fmt: skip
    op.create_table(
        "play_draft",
        sa.Column("play", sa.Text, primary_key=True),
        sa.Column("files", JSONB, nullable=False, comment="by name"),
        sa.Column("state", sa.Text, nullable=False, comment="draft, asked, approved"),
        sa.Column("authors", ARRAY(sa.Text), nullable=False, comment="none of them approves it"),
        sa.Column("based_on", sa.Integer, nullable=False, comment="the version it began with"),
        sa.Column("revision", sa.Integer, nullable=False, comment="changes"),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("rehearsed_at", TIME, comment="as it is now; NULL: not yet"),
        sa.Column("approved_by", sa.Text),
        comment="what a play is to become; gone once it is published",
    )
