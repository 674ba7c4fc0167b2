"""The tables of what may be sent to whom; store/play_tables.py adds them to the others."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, MetaData, Table, Text

from shared.db.tables import TIME

_BY = "subject of a token; NULL: the customer, or a release that did not keep it"


def consent_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """What customers said, and addresses that nothing is sent to."""

    def customer() -> Column[str]:
        parent = ForeignKey("customer.id", ondelete="CASCADE")
        return Column("customer", Text, parent, primary_key=True)

    left_topic = Table(
        "left_topic",
        metadata,
        customer(),
        Column("topic", Text, primary_key=True, comment="empty: all of them"),
        Column("channel", Text, primary_key=True, comment="empty: all of them"),
        Column("at", TIME, nullable=False),
        Column("how", Text, nullable=False, comment="one_click, asked"),
        Column("who", Text, comment=_BY),
    )
    agreement = Table(
        "agreement",
        metadata,
        customer(),
        Column("purpose", Text, primary_key=True),
        Column("at", TIME, nullable=False),
        Column("how", Text, nullable=False),
        Column("who", Text, comment=_BY),
    )
    suppressed_address = Table(
        "suppressed_address",
        metadata,
        Column("hash", Text, primary_key=True, comment="SHA-256 of the address"),
        Column("at", TIME, nullable=False),
        Column("why", Text, nullable=False),
        Column(
            "customer",
            Text,
            ForeignKey("customer.id", ondelete="SET NULL"),
            comment="whose it was; NULL: erased, or not kept",
        ),
        Column("who", Text, comment="subject of a token; NULL: a mail server"),
        comment="nothing is sent there; it stays when a customer is erased, and names nobody",
    )
    Index("ix_suppressed_address_customer", suppressed_address.c.customer)
    Index("ix_suppressed_address_at_hash", suppressed_address.c.at, suppressed_address.c.hash)
    return left_topic, agreement, suppressed_address


def sending_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Who is held out of all plays, and how much goes to a domain."""
    holdout = Table(
        "holdout",
        metadata,
        Column("customer", Text, ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True),
        Column("held_out", Boolean, nullable=False),
        Column("at", TIME, nullable=False),
        comment="of all plays: drawn when a customer first enters one, and kept",
    )
    mail_rate = Table(
        "mail_rate",
        metadata,
        Column("domain", Text, primary_key=True, comment="SHA-256 of it"),
        Column("full_at", TIME, nullable=False, comment="when its bucket is full again"),
        comment="mails to one domain: a token bucket each",
    )
    return holdout, mail_rate
