"""Plays, the runs of customers through them, and what comes of them: mails and tasks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

TIME = sa.DateTime(timezone=True)
STATES = "'planned', 'claimed', 'dispatched', 'accepted', 'failed', 'unknown', 'suppressed'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _effect()
    _play()
    _run()
    _message()
    _task()


def _index(*indexes: str) -> None:
    for index in indexes:
        op.execute(f"CREATE {index}")


def _effect() -> None:
    op.create_table(
        "effect",
        sa.Column("id", sa.Text, comment="the other side may know it by this"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False, comment="opaque id: whom it is about"),
        sa.Column("payload", JSONB, nullable=False, comment="words and opaque ids"),
        sa.Column("secret", sa.Text, comment="sealed; gone when it is known what became of it"),
        sa.Column(
            "state", sa.Text, nullable=False, comment="shared/effects/effect.py says what each is"
        ),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("repeats", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("planned_at", TIME, nullable=False, server_default=sa.text("now()")),
        sa.Column("due_at", TIME, nullable=False, comment="by the service's clock"),
        sa.Column("deadline_at", TIME, nullable=False, comment="by the service's clock"),
        sa.Column("lease", sa.Text, comment="fences whoever lost it"),
        sa.Column("lease_until", TIME, comment="by PostgreSQL's clock"),
        sa.Column("settled_at", TIME),
        sa.Column("why", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_effect"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_effect_state"),
        comment="what is done outside: planned here, in the transaction that decides it",
    )
    _index(
        "INDEX ix_effect_due ON effect (kind, due_at) WHERE state = 'planned'",
        "INDEX ix_effect_lease ON effect (lease_until) WHERE state IN ('claimed', 'dispatched')",
        "INDEX ix_effect_open ON effect (kind)"
        " WHERE state NOT IN ('accepted', 'failed', 'suppressed')",
        "INDEX ix_effect_settled ON effect (settled_at) WHERE settled_at IS NOT NULL",
        "INDEX ix_effect_about ON effect (about)",
        "INDEX ix_effect_planned_at_id ON effect (planned_at, id)",
    )


def _play() -> None:
    op.create_table(
        "play",
        sa.Column("name", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False, comment="live, retired"),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_play"),
    )
    op.create_table(
        "play_version",
        sa.Column("play", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False),
        sa.Column(
            "definition", JSONB, nullable=False, comment="as it was published, with messages"
        ),
        sa.Column("published_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("play", "version", name="pk_play_version"),
        sa.ForeignKeyConstraint(["play"], ["play.name"], name="fk_play_version_play_play"),
        comment="never changes",
    )


def _of_customer(table: str) -> sa.ForeignKeyConstraint:
    # why cascade: a release that does not know the table erases customers meanwhile
    name = f"fk_{table}_customer_customer"
    return sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=name, ondelete="CASCADE")


def _of_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["run"], ["run.id"], name=f"fk_{table}_run_run", ondelete="CASCADE"
    )


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Text),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("play", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False, comment="empty: the only one of a customer"),
        sa.Column("rotation", sa.Integer, nullable=False, comment="runs of this play before it"),
        sa.Column("cause", sa.Text, nullable=False, comment="identity of what it was entered for"),
        sa.Column("entered_at", TIME, nullable=False, comment="when that happened"),
        sa.Column("version", sa.Integer, nullable=False, comment="of the play, at the last move"),
        sa.Column("state", sa.Text, nullable=False, comment="active, parked, ended"),
        sa.Column("step", sa.Text, comment="where it stands"),
        sa.Column("visit", sa.Integer, nullable=False, comment="steps begun"),
        sa.Column("since", TIME, nullable=False, comment="what happened after it counts"),
        sa.Column("due_at", TIME, comment="looked at then, at the latest"),
        sa.Column("told", sa.Text, comment="what somebody outside said of the step"),
        sa.Column("ending", sa.Text),
        sa.Column("ended_at", TIME),
        sa.Column("lines", sa.Integer, nullable=False, comment="of its trace"),
        sa.Column(
            "control", sa.Boolean, nullable=False, comment="to compare with: nothing is done"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        _of_customer("run"),
        sa.ForeignKeyConstraint(["play"], ["play.name"], name="fk_run_play_play"),
        comment="one customer in one play; its timer and what it waits for are in the row",
    )
    _index(
        "UNIQUE INDEX uq_run_active ON run (customer, play, subject) WHERE state <> 'ended'",
        "UNIQUE INDEX uq_run_rotation ON run (customer, play, subject, rotation)",
        "INDEX ix_run_due_at ON run (due_at) WHERE due_at IS NOT NULL",
        "INDEX ix_run_play_state_step ON run (play, state, step)",
    )
    op.create_table(
        "run_line",
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("step", sa.Text),
        sa.Column("visit", sa.Integer, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", TIME, nullable=False, comment="when it was so"),
        sa.Column("noted_at", TIME, nullable=False, comment="when it was known"),
        sa.PrimaryKeyConstraint("run", "n", name="pk_run_line"),
        _of_run("run_line"),
        comment="the trace of a run: only added to",
    )
    op.create_table(
        "left_out",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("play", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("noted_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("customer", "play", "cause", name="pk_left_out"),
        _of_customer("left_out"),
        comment="what would have begun a run, and why it has not",
    )


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Text, comment="of the effect"),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("play", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("visit", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, comment="of the play"),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("planned_at", TIME, nullable=False),
        sa.Column("verdict", sa.Text, comment="send, defer, suppress; NULL: not asked yet"),
        sa.Column("why", sa.Text),
        sa.Column("decided_at", TIME),
        sa.Column("leave_token", sa.Text, comment="in its one-click address"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("leave_token", name="uq_message_leave_token"),
        _of_run("message"),
        _of_customer("message"),
    )
    _index(
        "INDEX ix_message_customer_planned_at ON message (customer, planned_at)",
        "INDEX ix_message_run ON message (run)",
    )


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Text),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("play", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("visit", sa.Integer, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column(
            "says", sa.Text, nullable=False, comment="what to do, as it was when it was opened"
        ),
        sa.Column("results", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("state", sa.Text, nullable=False, comment="open, claimed, done, cancelled"),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("owner", sa.Text, comment="subject of a token"),
        sa.Column("claimed_at", TIME),
        sa.Column("result", sa.Text),
        sa.Column("note", sa.Text, comment="people's words"),
        sa.Column("done_at", TIME),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        _of_run("task"),
        _of_customer("task"),
    )
    _index(
        "INDEX ix_task_customer ON task (customer)",
        "INDEX ix_task_run ON task (run)",
        "INDEX ix_task_team_due_at_id ON task (team, due_at, id)"
        " WHERE state IN ('open', 'claimed')",
        "INDEX ix_task_owner_due_at_id ON task (owner, due_at, id) WHERE state = 'claimed'",
        "INDEX ix_task_done_at ON task (done_at) WHERE done_at IS NOT NULL",
    )
