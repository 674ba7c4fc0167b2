"""The table of effects, in the database of every service that has any."""

from sqlalchemy import CheckConstraint, Column, Index, MetaData, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables import TIME


def effect_table(metadata: MetaData) -> Table:
    """Add it to `metadata`."""
    table = Table(
        "effect",
        metadata,
        Column("id", Text, primary_key=True, comment="the other side may know it by this"),
        Column("kind", Text, nullable=False),
        Column("about", Text, nullable=False, comment="opaque id: whom it is about"),
        Column("payload", JSONB, nullable=False, comment="words and opaque ids"),
        Column("secret", Text, comment="sealed; gone when it is known what became of it"),
        Column("state", Text, nullable=False, comment="shared/effects/effect.py says what each is"),
        Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
        Column("repeats", SmallInteger, nullable=False, server_default=text("0")),
        Column("planned_at", TIME, nullable=False, server_default=text("now()")),
        Column("due_at", TIME, nullable=False, comment="by the service's clock"),
        Column("deadline_at", TIME, nullable=False, comment="by the service's clock"),
        Column("lease", Text, comment="fences whoever lost it"),
        Column("lease_until", TIME, comment="by PostgreSQL's clock"),
        Column("settled_at", TIME),
        Column("why", Text),
        CheckConstraint(
            "state IN ('planned', 'claimed', 'dispatched', 'accepted', 'failed', 'unknown', "
            "'suppressed')",
            name="state",
        ),
        comment="what is done outside: planned here, in the transaction that decides it",
    )
    Index("ix_effect_due", table.c.kind, table.c.due_at, postgresql_where=text("state = 'planned'"))
    Index(
        "ix_effect_lease",
        table.c.lease_until,
        postgresql_where=text("state IN ('claimed', 'dispatched')"),
    )
    Index(
        "ix_effect_open",
        table.c.kind,
        postgresql_where=text("state NOT IN ('accepted', 'failed', 'suppressed')"),
    )
    Index("ix_effect_settled", table.c.settled_at, postgresql_where=table.c.settled_at.is_not(None))
    Index("ix_effect_about", table.c.about)
    Index("ix_effect_planned_at_id", table.c.planned_at, table.c.id)
    return table
