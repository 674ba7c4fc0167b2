"""The tables of links in mails and who opened them; play_tables.py adds them to the others."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, MetaData, Table, Text

from shared.db.tables import TIME


def click_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Add them to `metadata`."""
    link = Table(
        "link",
        metadata,
        Column("id", Text, primary_key=True, comment="first 16 digits of the address's SHA-256"),
        Column("address", Text, nullable=False),
        Column("first_at", TIME, nullable=False, comment="when a message with it first went out"),
        comment="addresses that stood in published messages, as they were sent: our links lead nowhere else",
    )
    click = Table(
        "click",
        metadata,
        # why cascade: with its message
        Column("message", Text, ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
        Column("link", Text, ForeignKey("link.id"), primary_key=True),
        Column("at", TIME, primary_key=True),
        Column("person", Boolean, comment="NULL: not known yet; false: a scanner"),
        Column("due_at", TIME, comment="when it is known; NULL: it is"),
        comment="links of mails that were opened, 20 of a message at most",
    )
    Index("ix_click_due_at", click.c.due_at, postgresql_where=click.c.due_at.is_not(None))
    Index("ix_click_link", click.c.link)
    return link, click
