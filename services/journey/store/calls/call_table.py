"""The table of calls; tables.py adds it to the others."""

from sqlalchemy import ARRAY, Column, ForeignKey, Index, Integer, MetaData, Table, Text, text

from shared.db.tables import TIME


def call_table(metadata: MetaData) -> Table:
    """Add it to `metadata`."""
    call = Table(
        "call",
        metadata,
        Column("id", Text, primary_key=True),
        Column("run", Text, ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        Column(
            "customer", Text, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False
        ),  # why cascade: a release that does not know the table erases customers meanwhile
        Column("play", Text, nullable=False),
        Column("step", Text, nullable=False),
        Column("visit", Integer, nullable=False),
        Column("team", Text, nullable=False, comment="whose hours and people"),
        Column("title", Text, nullable=False, comment="customers read it, too"),
        Column("says", Text, nullable=False, comment="what to do, as the play said it then"),
        Column("results", ARRAY(Text), nullable=False),
        Column("skill", Text, comment="of who calls; NULL: anybody's"),
        Column("confirm", Text, nullable=False, comment="the message that says when it is"),
        Column("length_s", Integer, nullable=False),
        Column(
            "notice_s", Integer, nullable=False, comment="the soonest time offered, from a look"
        ),
        Column("within_s", Integer, nullable=False, comment="the furthest"),
        Column("remind_s", Integer, nullable=False, comment="before it"),
        Column("again_s", Integer, nullable=False, comment="for another time, if we take one back"),
        Column("token", Text, nullable=False, unique=True, comment="in the address of its page"),
        Column("offered_at", TIME, nullable=False),
        Column("state", Text, nullable=False, comment="offered, booked, cancelled, held, no_show"),
        Column("starts_at", TIME, comment="as agreed last; NULL: never"),
        Column("ends_at", TIME),
        Column("due_at", TIME, comment="when a reminder is due; NULL: none"),
        Column("task", Text, comment="of who keeps it; NULL: it is not booked"),
        Column("changed_at", TIME, nullable=False),
        Column("version", Integer, nullable=False, comment="changes; calendar programs see it"),
        comment="calls and meetings whose time the customer chooses",
    )
    Index("ix_call_due_at", call.c.due_at, postgresql_where=call.c.due_at.is_not(None))
    Index("ix_call_customer", call.c.customer, call.c.offered_at)
    Index("ix_call_run", call.c.run, call.c.visit)
    Index("ix_call_task", call.c.task, postgresql_where=call.c.task.is_not(None))
    Index(
        "ix_call_team_starts_at", call.c.team, call.c.starts_at, call.c.id,
        postgresql_where=text("state = 'booked'"),
    )  # fmt: skip
    return call
