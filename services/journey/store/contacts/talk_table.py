"""The table of conversations outside plays; store/tables.py adds it to the others.

A next step stands in the row, and is a task of who wrote it down, where they have a team.
"""

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table, Text, text

from shared.db.tables import TIME


def talk_table(metadata: MetaData) -> Table:
    """Conversations of our people with customers."""
    talk = Table(
        "talk",
        metadata,
        Column("id", Text, primary_key=True, comment="derived from the request that wrote it down"),
        Column("customer", Text, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False),
        Column("kind", Text, nullable=False, comment="call, meeting, mail, visit"),
        Column("at", TIME, nullable=False, comment="when they talked"),
        Column("outcome", Text, nullable=False),
        Column(
            "contact",
            Text,
            ForeignKey("contact.id", ondelete="SET NULL"),
            comment="with whom; NULL: the customer, or a contact removed since",
        ),
        Column("note", Text, comment="people's words"),
        Column("discovery", Text, comment="what we learned, in people's words"),
        Column("next_step", Text, comment="what who wrote it down does next"),
        Column("due_at", TIME, comment="until when"),
        Column("done_at", TIME, comment="the next step was done"),
        Column("who", Text, nullable=False, comment="subject of a token, who wrote it down"),
        Column("noted_at", TIME, nullable=False),
        comment="conversations outside plays",
    )
    Index("ix_talk_customer", talk.c.customer, talk.c.at)
    Index("ix_talk_contact", talk.c.contact, postgresql_where=talk.c.contact.is_not(None))
    Index(
        "ix_talk_next", talk.c.who, talk.c.due_at, talk.c.id,
        postgresql_where=text("due_at IS NOT NULL AND done_at IS NULL"),
    )  # fmt: skip
    Index(
        "ix_talk_discovery", talk.c.at, talk.c.id,
        postgresql_where=talk.c.discovery.is_not(None),
    )  # fmt: skip
    return talk
