"""The tables of plays; tables.py adds them to the others."""

from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.journey.store.plays.click_tables import click_tables
from services.journey.store.plays.sending_tables import consent_tables, sending_tables
from shared.db.tables import TIME


class PlayTables(NamedTuple):
    """All of them."""

    play: Table
    play_version: Table
    run: Table
    run_line: Table
    left_out: Table
    message: Table
    task: Table
    left_topic: Table
    agreement: Table
    suppressed_address: Table
    play_draft: Table
    holdout: Table
    mail_rate: Table
    link: Table
    click: Table


def play_tables(metadata: MetaData) -> PlayTables:
    """Add them to `metadata`."""
    play = Table(
        "play",
        metadata,
        Column("name", Text, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("state", Text, nullable=False, comment="live, paused, closing, retired"),
        Column("changed_at", TIME, nullable=False),
        Column("revision", Integer, nullable=False, server_default="1", comment="changes"),
        Column(
            "under_way", Text, nullable=False, server_default="follow",
            comment="follow, pin: runs under way keep the version they began with",
        ),
        Column("changed_by", Text, comment="subject of a token; NULL: the folder"),
        Column("why", Text, comment="it was paused or retired"),
    )  # fmt: skip
    play_version = Table(
        "play_version",
        metadata,
        Column("play", Text, ForeignKey("play.name"), primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("checksum", Text, nullable=False),
        Column("definition", JSONB, nullable=False, comment="as it was published, with messages"),
        Column("published_at", TIME, nullable=False),
        Column("files", JSONB, comment="by name; NULL: of a release that did not keep them"),
        Column(
            "moved", JSONB, nullable=False, server_default=text("'{}'"),
            comment="by step that is gone, where those who stood there go on",
        ),
        Column(
            "source", Text, nullable=False, server_default="folder",
            comment="folder, draft, rollback",
        ),
        Column("restores", Integer, comment="the earlier version that it is again"),
        Column("authors", ARRAY(Text), nullable=False, server_default=text("'{}'")),
        Column("approved_by", Text),
        Column("published_by", Text, comment="NULL: the folder"),
        comment="never changes",
    )  # fmt: skip
    run, of_run, consent = _run(metadata), _of_run(metadata), consent_tables(metadata)
    return PlayTables(
        play, play_version, run, *of_run, *consent, _draft(metadata), *sending_tables(metadata),
        *click_tables(metadata),
    )  # fmt: skip


def _draft(metadata: MetaData) -> Table:
    return Table(
        "play_draft",
        metadata,
        Column("play", Text, primary_key=True),
        Column("files", JSONB, nullable=False, comment="by name"),
        Column("state", Text, nullable=False, comment="draft, asked, approved"),
        Column("authors", ARRAY(Text), nullable=False, comment="none of them approves it"),
        Column("based_on", Integer, nullable=False, comment="the version it began with"),
        Column("revision", Integer, nullable=False, comment="changes"),
        Column("changed_at", TIME, nullable=False),
        Column("rehearsed_at", TIME, comment="as it is now; NULL: not yet"),
        Column("approved_by", Text),
        comment="what a play is to become; gone once it is published",
    )


def _customer() -> Column[str]:
    # why cascade: a release that does not know the table erases customers meanwhile
    return Column("customer", Text, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False)


def _of() -> Column[str]:
    return Column("run", Text, ForeignKey("run.id", ondelete="CASCADE"), nullable=False)


def _run(metadata: MetaData) -> Table:
    run = Table(
        "run",
        metadata,
        Column("id", Text, primary_key=True),
        _customer(),
        Column("play", Text, ForeignKey("play.name"), nullable=False),
        Column("subject", Text, nullable=False, comment="empty: the only one of a customer"),
        Column("rotation", Integer, nullable=False, comment="runs of this play before it"),
        Column("cause", Text, nullable=False, comment="identity of what it was entered for"),
        Column("entered_at", TIME, nullable=False, comment="when that happened"),
        Column("version", Integer, nullable=False, comment="of the play, at the last move"),
        Column("state", Text, nullable=False, comment="active, parked, ended"),
        Column("step", Text, comment="where it stands"),
        Column("visit", Integer, nullable=False, comment="steps begun"),
        Column("since", TIME, nullable=False, comment="what happened after it counts"),
        Column("due_at", TIME, comment="looked at then, at the latest"),
        Column("told", Text, comment="what somebody outside said of the step"),
        Column("ending", Text),
        Column("ended_at", TIME),
        Column("lines", Integer, nullable=False, comment="of its trace"),
        Column("control", Boolean, nullable=False, comment="to compare with: nothing is done"),
        Column(
            "paused_s",
            Integer,
            nullable=False,
            server_default="0",
            comment="seconds that its play was paused since the step began: they do not count",
        ),
        comment="one customer in one play; its timer and what it waits for are in the row",
    )
    Index(
        "uq_run_active", run.c.customer, run.c.play, run.c.subject, unique=True,
        postgresql_where=text("state <> 'ended'"),
    )  # fmt: skip
    Index("uq_run_rotation", run.c.customer, run.c.play, run.c.subject, run.c.rotation, unique=True)
    Index("ix_run_due_at", run.c.due_at, postgresql_where=run.c.due_at.is_not(None))
    Index("ix_run_play_state_step", run.c.play, run.c.state, run.c.step)
    return run


def _of_run(metadata: MetaData) -> tuple[Table, Table, Table, Table]:
    line = Table(
        "run_line",
        metadata,
        Column("run", Text, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
        Column("n", Integer, primary_key=True),
        Column("what", Text, nullable=False),
        Column("step", Text),
        Column("visit", Integer, nullable=False),
        Column("why", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("at", TIME, nullable=False, comment="when it was so"),
        Column("noted_at", TIME, nullable=False, comment="when it was known"),
        comment="the trace of a run: only added to",
    )
    left_out = Table(
        "left_out",
        metadata,
        Column("customer", Text, ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True),
        Column("play", Text, primary_key=True),
        Column("cause", Text, primary_key=True),
        Column("why", Text, nullable=False),
        Column("at", TIME, nullable=False),
        Column("noted_at", TIME, nullable=False),
        comment="what would have begun a run, and why it has not",
    )
    message = Table(
        "message",
        metadata,
        Column("id", Text, primary_key=True, comment="of the effect"),
        _of(),
        _customer(),
        Column("play", Text, nullable=False),
        Column("step", Text, nullable=False),
        Column("visit", Integer, nullable=False),
        Column("version", Integer, nullable=False, comment="of the play"),
        Column("message", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("purpose", Text, nullable=False),
        Column("priority", Integer, nullable=False),
        Column("planned_at", TIME, nullable=False),
        Column("verdict", Text, comment="send, defer, suppress; NULL: not asked yet"),
        Column("why", Text),
        Column("decided_at", TIME),
        Column("leave_token", Text, unique=True, comment="in its one-click address"),
        Column("asks", Text, comment="the fact that an answer becomes; NULL: it asks nothing"),
        Column("until", TIME, comment="answered later it counts no more"),
        Column("answer_token", Text, unique=True, comment="in the address where one answers"),
        Column("answered_at", TIME),
        Column("words", Text, comment="the customer's own, beside the answer"),
        Column("channel", Text, nullable=False, server_default="email", comment="email, app"),
        Column("opens", Text, comment="what an app opens on a click"),
        Column("seen_at", TIME, comment="in the app"),
        Column("clicked_at", TIME, comment="what it leads to was opened"),
        Column("replied_at", TIME, comment="by a mail of theirs, for the first time"),
        Column(
            "news",
            Text,
            comment="that it tells of a call: booked, moved, cancelled, soon; NULL: none",
        ),
        Column("link_token", Text, unique=True, comment="in the addresses of its links"),
        Column("links", ARRAY(Text), comment="of it; NULL: none leads over ours"),
        Column("to_role", Text, comment="of the contact it is for; NULL: the customer"),
        Column(
            "contact",
            Text,
            ForeignKey("contact.id", ondelete="SET NULL"),
            comment="whom it went to; NULL: the customer, or a contact removed since",
        ),
    )
    Index("ix_message_customer_planned_at", message.c.customer, message.c.planned_at)
    Index("ix_message_run", message.c.run)
    Index("ix_message_contact", message.c.contact, postgresql_where=message.c.contact.is_not(None))
    return line, left_out, message, _task(metadata)


def _task(metadata: MetaData) -> Table:
    task = Table(
        "task",
        metadata,
        Column("id", Text, primary_key=True),
        Column(
            "run",
            Text,
            ForeignKey("run.id", ondelete="CASCADE"),
            comment="NULL: of no play, the next step of a conversation",
        ),
        _customer(),
        Column("play", Text, nullable=False),
        Column("step", Text, nullable=False),
        Column("visit", Integer, nullable=False),
        Column("team", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("says", Text, nullable=False, comment="what to do, as it was when it was opened"),
        Column("results", ARRAY(Text), nullable=False),
        Column("state", Text, nullable=False, comment="open, claimed, done, cancelled"),
        Column("opened_at", TIME, nullable=False),
        Column("due_at", TIME, nullable=False),
        Column("starts_at", TIME, comment="agreed with the customer"),
        Column("owner", Text, comment="subject of a token"),
        Column("claimed_at", TIME),
        Column("result", Text),
        Column("note", Text, comment="people's words"),
        Column("done_at", TIME),
        Column("version", Integer, nullable=False),
        Column(
            "talk",
            Text,
            ForeignKey("talk.id", ondelete="CASCADE"),
            unique=True,
            comment="the conversation whose next step it is; NULL: a play's",
        ),
        Column(
            "reply_to",
            Text,
            ForeignKey("message.id", ondelete="CASCADE"),
            comment="the mail that the customer replied to; NULL: they did not",
        ),
    )
    Index("ix_task_customer", task.c.customer)
    Index("ix_task_run", task.c.run)
    Index("ix_task_reply_to", task.c.reply_to, postgresql_where=task.c.reply_to.is_not(None))
    Index(
        "ix_task_team_due_at_id", task.c.team, task.c.due_at, task.c.id,
        postgresql_where=text("state IN ('open', 'claimed')"),
    )  # fmt: skip
    Index(
        "ix_task_owner_due_at_id", task.c.owner, task.c.due_at, task.c.id,
        postgresql_where=text("state = 'claimed'"),
    )  # fmt: skip
    Index("ix_task_done_at", task.c.done_at, postgresql_where=task.c.done_at.is_not(None))
    return task
