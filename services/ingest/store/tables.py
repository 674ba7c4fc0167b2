"""The tables of ingest's database."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables import NAMING, runtime_tables

TIME = DateTime(timezone=True)

metadata = MetaData(naming_convention=NAMING)
runtime_tables(metadata)

source = Table(
    "source",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False, comment="device or app"),
    Column("model", Text),
    Column("firmware", Text),
    Column("battery", Boolean, nullable=False, server_default=text("false")),
    Column("version", BigInteger, nullable=False, comment="counts changes; 0: only a seeded row"),
    Column("registered_at", TIME),
    Column("retired_at", TIME),
    Column("last_seen", TIME, comment="exact to some minutes"),
    Column("runs", Text, comment="firmware as it told last; NULL: as registered"),
    Column("runs_since", TIME),
)
running = func.coalesce(source.c.runs, source.c.firmware)
Index("ix_source_runs", source.c.kind, source.c.model, running, source.c.id)

firmware = Table(
    "firmware",
    metadata,
    Column("source", Text, primary_key=True),
    Column("since", TIME, primary_key=True),
    Column("firmware", Text, nullable=False),
    comment="what a source said it runs, whenever it was another than before",
)

ownership = Table(
    "ownership",
    metadata,
    Column("source", Text, primary_key=True),
    Column("since", TIME, primary_key=True),
    Column("customer", Text, nullable=False),
    Column("until", TIME),
)
Index(
    "ix_ownership_customer",
    ownership.c.customer,
    ownership.c.source,
    postgresql_where=ownership.c.until.is_(None),
)

boot = Table(
    "boot",
    metadata,
    Column("source", Text, primary_key=True),
    Column("boot", Text, primary_key=True),
    Column("first_seen", TIME, nullable=False),
    Column("last_seen", TIME, nullable=False, comment="400 days later the boot is closed"),
)

reject = Table(
    "reject",
    metadata,
    Column("id", Text, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=text("''")),
    Column("payload", LargeBinary, nullable=False, comment="first 64 KiB"),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False, comment="of the whole MQTT payload"),
    Column("boot", Text),
    Column("seqs", JSONB, nullable=False),
    Column("elements", Integer, nullable=False),
    Column("times", Integer, nullable=False, comment="how often the very same came"),
    Column("received_at", TIME, nullable=False),
    Column("stored_at", TIME, nullable=False, server_default=text("now()")),
    Column("expires_at", TIME, nullable=False, index=True),
    Column("cured_at", TIME, comment="judged again and taken"),
    Column("emptied_at", TIME, comment="its bytes made room for newer ones of the source"),
)
Index("ix_reject_page", reject.c.stored_at, reject.c.id)
Index("ix_reject_source", reject.c.source, reject.c.stored_at)
Index(
    "ix_reject_uncured",
    reject.c.reason,
    reject.c.source,
    postgresql_where=reject.c.cured_at.is_(None),
)
Index("ix_reject_full", reject.c.source, postgresql_where=reject.c.emptied_at.is_(None))

unclaimed_fact = Table(
    "unclaimed_fact",
    metadata,
    Column("id", Text, primary_key=True, comment="the event's identity"),
    Column("source", Text, nullable=False, index=True),
    Column("type", Text, nullable=False),
    Column("at", TIME, nullable=False),
    Column("platform", Text),
    Column("firmware", Text),
    Column("stored_at", TIME, nullable=False, server_default=text("now()"), index=True),
)

bucket = Table(
    "bucket",
    metadata,
    Column("bucket", Text, primary_key=True),
    Column("connected_at", TIME, comment="of its very first session"),
    Column("now", TIME, comment="simulated time, from its last beacon"),
    Column("step_s", Double),
    Column("contact_at", TIME, comment="when we last had all that the broker had"),
)

known_customer = Table(
    "known_customer",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("erased", Boolean, nullable=False, server_default=text("false")),
)

credential = Table(
    "credential",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False, comment="password or certificate"),
    Column("verifier", Text, comment="of a password, as the broker holds it"),
    Column("serial", Text, comment="of a certificate, hexadecimal"),
    Column("issued_at", TIME, nullable=False),
    Column("expires_at", TIME),
    Column("revoked_at", TIME, index=True),
    Column("why", Text, comment="of the revocation"),
)
Index(
    "ix_credential_one_password",
    credential.c.source,
    unique=True,
    postgresql_where=text("kind = 'password' AND revoked_at IS NULL"),
)

claim_code = Table(
    "claim_code",
    metadata,
    Column("digest", Text, primary_key=True, comment="SHA-256 of the code"),
    Column("source", Text, nullable=False),
    Column("expires_at", TIME, nullable=False),
)
Index("ix_claim_code_source", claim_code.c.source, unique=True)

broker_files = Table(
    "broker_files",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False, comment="always 1"),
    Column("changes", BigInteger, nullable=False, comment="of credentials, ever"),
)
