"""The table of contacts; store/tables.py adds it to the others."""

from sqlalchemy import ARRAY, Boolean, Column, ForeignKey, Index, MetaData, Table, Text

from shared.db.tables import TIME


def contact_table(metadata: MetaData) -> Table:
    """People of business accounts."""
    contact = Table(
        "contact",
        metadata,
        Column("id", Text, primary_key=True, comment="derived from the request that added it"),
        Column(
            "customer",
            Text,
            ForeignKey("customer.id", ondelete="CASCADE"),
            nullable=False,
            comment="the account",
        ),
        Column("name", Text, nullable=False),
        Column("role", Text, nullable=False, comment="what they decide there"),
        Column("email", Text),
        Column("phone", Text),
        Column("zone", Text, comment="IANA; NULL: the customer's"),
        Column("channel", Text, nullable=False, comment="email, phone: how they want it"),
        Column("language", Text, comment="NULL: the customer's"),
        Column(
            "left_topics",
            ARRAY(Text),
            nullable=False,
            server_default="{}",
            comment="they want no more of; an empty one: all",
        ),
        Column(
            "promotion",
            Boolean,
            nullable=False,
            server_default="false",
            comment="they agreed to get promotions",
        ),
        Column("said_at", TIME, comment="when what they want was written down"),
        Column("said_by", Text, comment="subject of a token"),
        Column("added_at", TIME, nullable=False),
        comment="people of business accounts; personal data, read only to show it",
    )
    Index("ix_contact_customer", contact.c.customer, contact.c.added_at, contact.c.id)
    return contact
