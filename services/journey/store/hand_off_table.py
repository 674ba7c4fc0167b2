"""The table of hand-offs; tables.py adds it to the others."""

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text, text

from shared.db.tables import TIME


def hand_off_table(metadata: MetaData) -> Table:
    """Add it to `metadata`."""

    def of(table: str) -> Column[str]:
        # why cascade: a release that does not know the table erases customers meanwhile
        parent = ForeignKey(f"{table}.id", ondelete="CASCADE")
        return Column(table, Text, parent, nullable=False)

    table = Table(
        "hand_off",
        metadata,
        Column("id", Text, primary_key=True),
        of("task"),
        of("customer"),
        Column("linkage", Text, nullable=False, comment="of the playbook, as it was"),
        Column("giver", Text, nullable=False),
        Column("taker", Text, nullable=False),
        Column("escalate", Text, nullable=False, comment="gets it when nobody answers"),
        Column("summary", Text, nullable=False, comment="people's words"),
        Column("next_step", Text, nullable=False, comment="people's words"),
        Column("offered_at", TIME, nullable=False),
        Column("offered_by", Text, nullable=False, comment="subject of a token"),
        Column("expires_at", TIME, nullable=False),
        Column("due_at", TIME, comment="expires then; NULL: it is answered"),
        Column(
            "state",
            Text,
            nullable=False,
            comment="offered, accepted, declined, expired, withdrawn",
        ),
        Column("settled_at", TIME),
        Column("settled_by", Text, comment="subject of a token; NULL: nobody"),
        Column("why", Text, comment="people's words"),
        Column("version", Integer, nullable=False),
        comment="one use of a linkage: who offers a task owns it until it is accepted",
    )
    offered = text("state = 'offered'")
    Index("uq_hand_off_offered", table.c.task, unique=True, postgresql_where=offered)
    Index("ix_hand_off_due_at", table.c.due_at, postgresql_where=table.c.due_at.is_not(None))
    Index("ix_hand_off_task", table.c.task)
    Index("ix_hand_off_customer", table.c.customer)
    Index("ix_hand_off_offered_at", table.c.offered_at)
    for side in ("taker", "giver"):
        name = f"ix_hand_off_{side}_state_expires_at_id"
        Index(name, table.c[side], table.c.state, table.c.expires_at, table.c.id)
    return table
