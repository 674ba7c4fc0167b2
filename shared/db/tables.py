"""The tables the runtime keeps in every service's own database; shared/db/migrations ends here."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE, JSONB

from shared.db import chain

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
TIME = DateTime(timezone=True)


def runtime_tables(metadata: MetaData) -> None:
    """Add all of them to `metadata`: what the runtime of every service works with."""
    Table(
        "consumer_offset",
        metadata,
        Column("topic", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        Column("next_offset", BigInteger, nullable=False, comment="the fence compares this"),
        Column("last_id", Text, comment="ce_id of the record before next_offset"),
        Column("last_at", TIME, comment="its timestamp: a recreated log has another one there"),
        Column("beacons", JSONB, nullable=False, server_default=text("'{}'")),
        Column("reached", TIME, comment="the partition's simulated time: minimum over origins"),
        Column("step_s", Double),
        Column("updated_at", TIME),
    )
    Table(
        "ledger",
        metadata,
        Column("source", Text, primary_key=True),
        Column("stream", Text, primary_key=True),
        Column("boot", Text, primary_key=True),
        Column("block", BigInteger, primary_key=True, comment="seq >> 12"),
        Column("seqs", INT8MULTIRANGE, nullable=False, comment="received, exact"),
        Column("dropped", INT8MULTIRANGE, nullable=False, server_default=text("'{}'")),
        Column("max_at", TIME, comment="latest raw `at`: a later one under a known seq conflicts"),
        Column("min_at", TIME, comment="earliest; NULL: not known since the row began"),
        Column("recent", LargeBinary, comment="seq in block and CRC-32 of the newest 32 events"),
        postgresql_with={"fillfactor": "70"},
    )
    Table(
        "inbox",
        metadata,
        Column("id", Text, primary_key=True),
        Column("topic", Text, nullable=False),
        Column("seen_at", TIME, nullable=False, index=True),
    )
    outbox = Table(
        "outbox",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True),
        Column("id", Text, nullable=False, unique=True),
        Column("topic", Text, nullable=False),
        Column("key", Text, comment="NULL: a beacon, for every partition"),
        Column("value", LargeBinary, nullable=False),
        Column("type", Text, nullable=False),
        Column("at", TIME, nullable=False),
        Column("written_at", TIME, nullable=False, server_default=text("now()")),
        Column("published_at", TIME),
    )
    Index(
        "ix_outbox_unpublished",
        outbox.c.position,
        postgresql_where=outbox.c.published_at.is_(None),
    )
    Table(
        "quarantine",
        metadata,
        Column("id", Text, primary_key=True, comment="the event's identity, else its coordinates"),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("key", LargeBinary),
        Column("value", LargeBinary),
        Column("headers", JSONB, nullable=False),
        Column("reason", Text, nullable=False),
        Column("detail", Text, nullable=False, server_default=text("''")),
        Column("appended_at", TIME, nullable=False),
        Column("arrival", TIME, nullable=False),
        Column("attempts", SmallInteger, nullable=False, server_default=text("1")),
        Column("quarantined_at", TIME, nullable=False, server_default=text("now()")),
        Column("source", Text, comment="of telemetry that could be read"),
        Column(
            "stands_for",
            BigInteger,
            nullable=False,
            server_default=text("1"),
            comment="records: more than one where older conflicts of a source are only counted",
        ),
        Index("ix_quarantine_source", "source", postgresql_where=text("source IS NOT NULL")),
    )
    Table(
        "idempotency",
        metadata,
        Column("key", Text, primary_key=True),
        Column("route", Text, primary_key=True),
        Column("sha256", Text, nullable=False, comment="of the request's body"),
        Column("status", SmallInteger, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("content_type", Text, nullable=False, server_default=text("'application/json'")),
        Column("at", TIME, nullable=False, server_default=text("now()"), index=True),
    )
    erased_table(metadata)
    audit_table(metadata)


def audit_table(metadata: MetaData) -> Table:
    """Add the audit; triggers of the database fill `n`, `at` and the hashes."""
    return Table(
        chain.TABLE,
        metadata,
        Column("n", BigInteger, primary_key=True, autoincrement=False, comment="without gaps"),
        Column("at", TIME, nullable=False, comment="PostgreSQL's clock: nobody else sets it"),
        Column("who", Text, nullable=False, comment="subject of the token, or `stranger`"),
        Column("by", Text, nullable=False),
        Column("roles", ARRAY(Text), nullable=False),
        Column("organisation", Text),
        Column("address", Text, comment="from where, as the connection says"),
        Column("request", Text, comment="as answered in X-Request-Id"),
        Column("action", Text, nullable=False, comment="e.g. `ticket.assign`"),
        Column("kind", Text, nullable=False, comment="of the thing, e.g. `ticket`"),
        Column("id", Text, nullable=False, comment="of the thing"),
        Column("before", JSONB(none_as_null=True)),
        Column("after", JSONB(none_as_null=True)),
        Column("why", Text),
        Column("previous_hash", LargeBinary, nullable=False),
        Column("hash", LargeBinary, nullable=False, comment="SHA-256: shared/db/chain.py"),
        CheckConstraint("by IN ('person', 'program', 'system')", name="by"),
        Index("ix_audit_at", "at"),
        Index("ix_audit_who_n", "who", "n"),
        Index("ix_audit_action_n", "action", "n"),
        Index("ix_audit_kind_id_n", "kind", "id", "n"),
        comment="every change by a person or program; only ever added to",
    )


def erased_table(metadata: MetaData) -> Table:
    """Add the list of those who are erased: opaque ids, so that nobody comes back by a replay."""
    return Table(
        "erased",
        metadata,
        Column("subject", Text, primary_key=True, comment="a customer's id"),
        Column("at", TIME, nullable=False, comment="when it was asked for"),
        Column("applied_at", TIME, nullable=False, server_default=text("now()")),
    )
