"""The table of offers; tables.py adds it to the others."""

from sqlalchemy import Column, Double, ForeignKey, Index, MetaData, Table, Text, text

from shared.db.tables import TIME


def offer_table(metadata: MetaData) -> Table:
    """Add it to `metadata`."""
    offer = Table(
        "offer",
        metadata,
        Column("id", Text, primary_key=True),
        Column(
            "customer", Text, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False
        ),  # why cascade: a release that does not know the table erases customers meanwhile
        Column("kind", Text, nullable=False, comment="promotion, upgrade"),
        Column("product", Text, nullable=False),
        Column("name", Text, nullable=False, comment="of the product, as it was offered"),
        Column("list_price", Double, nullable=False, comment="when it was made"),
        Column("price", Double, nullable=False, comment="what it costs them"),
        Column("made_at", TIME, nullable=False),
        Column("made_by", Text, nullable=False, comment="subject; the service: a play"),
        Column("valid_until", TIME, nullable=False),
        Column("state", Text, nullable=False, comment="open, accepted, declined, expired"),
        Column("due_at", TIME, comment="when it expires; NULL: it is not open any more"),
        Column("settled_at", TIME),
        Column("settled_by", Text, comment="subject; NULL: they bought it, or its time was over"),
        Column("run", Text, comment="whose step made it; NULL: a person did"),
        Column("play", Text),
        Column("step", Text),
        comment="what was offered to customers, and what they made of it",
    )
    Index("ix_offer_due_at", offer.c.due_at)
    Index("ix_offer_customer_made_at", offer.c.customer, offer.c.made_at)
    Index("ix_offer_run", offer.c.run)
    Index(
        "uq_offer_customer_product_open", offer.c.customer, offer.c.product, unique=True,
        postgresql_where=text("state = 'open'"),
    )  # fmt: skip
    return offer
