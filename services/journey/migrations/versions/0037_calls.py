"""Calls and meetings whose time the customer chooses."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "call",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("play", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("visit", sa.Integer, nullable=False),
        sa.Column("team", sa.Text, nullable=False, comment="whose hours and people"),
        sa.Column("title", sa.Text, nullable=False, comment="customers read it, too"),
        sa.Column("says", sa.Text, nullable=False, comment="what to do, as the play said it then"),
        sa.Column("results", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("skill", sa.Text, comment="of who calls; NULL: anybody's"),
        sa.Column("confirm", sa.Text, nullable=False, comment="the message that says when it is"),
        sa.Column("length_s", sa.Integer, nullable=False),
        sa.Column(
            "notice_s", sa.Integer, nullable=False, comment="the soonest time offered, from a look"
        ),
        sa.Column("within_s", sa.Integer, nullable=False, comment="the furthest"),
        sa.Column("remind_s", sa.Integer, nullable=False, comment="before it"),
        sa.Column(
            "again_s", sa.Integer, nullable=False, comment="for another time, if we take one back"
        ),
        sa.Column("token", sa.Text, nullable=False, comment="in the address of its page"),
        sa.Column("offered_at", TIME, nullable=False),
        sa.Column(
            "state", sa.Text, nullable=False, comment="offered, booked, cancelled, held, no_show"
        ),
        sa.Column("starts_at", TIME, comment="as agreed last; NULL: never"),
        sa.Column("ends_at", TIME),
        sa.Column("due_at", TIME, comment="when a reminder is due; NULL: none"),
        sa.Column("task", sa.Text, comment="of who keeps it; NULL: it is not booked"),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column(
            "version", sa.Integer, nullable=False, comment="changes; calendar programs see it"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
        sa.UniqueConstraint("token", name="uq_call_token"),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name="fk_call_run_run", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_call_customer_customer", ondelete="CASCADE"
        ),
        comment="calls and meetings whose time the customer chooses",
    )
    op.create_index(
        "ix_call_due_at", "call", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index("ix_call_customer", "call", ["customer", "offered_at"])
    op.create_index("ix_call_run", "call", ["run", "visit"])
    op.create_index("ix_call_task", "call", ["task"], postgresql_where=sa.text("task IS NOT NULL"))
    op.create_index(
        "ix_call_team_starts_at", "call", ["team", "starts_at", "id"],
        postgresql_where=sa.text("state = 'booked'"),
    )  # fmt: skip
    op.add_column("task", sa.Column("starts_at", TIME, comment="agreed with the customer"))
    op.add_column(
        "message",
        sa.Column(
            "news", sa.Text,
            comment="that it tells of a call: booked, moved, cancelled, soon; NULL: none",
        ),
    )  # fmt: skip
