"""The tables of what shops tell; tables.py adds them to the others."""

from sqlalchemy import Column, Double, ForeignKey, Index, MetaData, Table, Text, text

from shared.db.tables import TIME


def delivery_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Add them to `metadata`."""
    delivery = Table(
        "delivery",
        metadata,
        Column("id", Text, primary_key=True, comment="shop/webhook-id"),
        Column("shop", Text, nullable=False),
        Column("kind", Text, comment="their word for what happened"),
        Column("hash", Text, nullable=False, comment="SHA-256 of the body"),
        Column("sent_at", TIME, nullable=False, comment="as it is signed"),
        Column("received_at", TIME, nullable=False),
        Column("state", Text, nullable=False, comment="done, ignored, kept, discarded"),
        Column("why", Text, comment="it is kept"),
        Column("customer", Text, comment="whom it is about, as far as that could be read"),
        Column("body", Text, comment="of what is kept, until somebody has looked after it"),
        Column("forget_at", TIME, nullable=False, comment="its id is known until then"),
        comment="what shops sent, by its id: done once however often it is sent",
    )
    Index("ix_delivery_forget_at", delivery.c.forget_at)
    Index("ix_delivery_customer", delivery.c.customer)
    Index(
        "ix_delivery_kept", delivery.c.received_at, delivery.c.id,
        postgresql_where=text("state = 'kept'"),
    )  # fmt: skip
    refund = Table(
        "refund",
        metadata,
        Column("id", Text, primary_key=True, comment="derived from what told it"),
        Column(
            "customer", Text, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False
        ),  # why cascade: a release that does not know the table erases customers meanwhile
        Column("order", Text, nullable=False, comment="the shop's number of it"),
        Column("product", Text, nullable=False),
        Column("price", Double, nullable=False),
        Column("at", TIME, nullable=False),
        comment="what was paid back",
    )
    Index("ix_refund_customer_at", refund.c.customer, refund.c.at)
    Index("ix_refund_order", refund.c.order)
    return delivery, refund
