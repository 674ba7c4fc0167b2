"""Who is given tasks of a team, and which team does a share of a play's tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0030"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "member",
        sa.Column("team", sa.Text, nullable=False, comment="of the playbook"),
        sa.Column("who", sa.Text, nullable=False, comment="subject of a token"),
        sa.Column("skills", sa.ARRAY(sa.Text), nullable=False, comment="words of the team"),
        sa.Column("since", TIME, nullable=False),
        sa.Column("given_at", TIME, comment="a task of this team, last; NULL: none yet"),
        sa.PrimaryKeyConstraint("team", "who", name="pk_member"),
        comment="who is given tasks of a team",
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("play", sa.Text, nullable=False),
        sa.Column("step", sa.Text, comment="NULL: the whole play"),
        sa.Column(
            "team", sa.Text, nullable=False, comment="instead of the one that the play names"
        ),
        sa.Column("percent", sa.Integer, nullable=False, comment="of runs, by hash"),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("begun_by", sa.Text, nullable=False, comment="subject of a token"),
        sa.Column("ended_at", TIME, comment="NULL: it holds"),
        sa.Column("ended_by", sa.Text, comment="subject of a token"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment"),
        sa.ForeignKeyConstraint(["play"], ["play.name"], name="fk_assignment_play_play"),
        comment="a share of a play's tasks goes to another team",
    )
    op.create_index(
        "uq_assignment_holds", "assignment", ["play", sa.text("coalesce(step, '')")], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_index("ix_assignment_play_begun_at", "assignment", ["play", "begun_at"])
