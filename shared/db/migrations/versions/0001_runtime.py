"""What the runtime of every service keeps in the service's own database.

A database older than this tree has these tables already, made by its service's tree, or most of them:
what is there is taken over as it is, what is missing is made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = {
    "audit": """
    CREATE TABLE audit (
        n BIGINT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        who TEXT NOT NULL,
        by TEXT NOT NULL,
        roles TEXT[] NOT NULL,
        organisation TEXT,
        address TEXT,
        request TEXT,
        action TEXT NOT NULL,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        before JSONB,
        after JSONB,
        why TEXT,
        previous_hash BYTEA NOT NULL,
        hash BYTEA NOT NULL,
        CONSTRAINT pk_audit PRIMARY KEY (n),
        CONSTRAINT ck_audit_by CHECK (by IN ('person', 'program', 'system'))
    );
    CREATE INDEX ix_audit_action_n ON audit (action, n);
    CREATE INDEX ix_audit_at ON audit (at);
    CREATE INDEX ix_audit_kind_id_n ON audit (kind, id, n);
    CREATE INDEX ix_audit_who_n ON audit (who, n);
    COMMENT ON TABLE audit IS 'every change by a person or program; only ever added to';
    COMMENT ON COLUMN audit.n IS 'without gaps';
    COMMENT ON COLUMN audit.at IS 'PostgreSQL''s clock: nobody else sets it';
    COMMENT ON COLUMN audit.who IS 'subject of the token, or `stranger`';
    COMMENT ON COLUMN audit.address IS 'from where, as the connection says';
    COMMENT ON COLUMN audit.request IS 'as answered in X-Request-Id';
    COMMENT ON COLUMN audit.action IS 'e.g. `ticket.assign`';
    COMMENT ON COLUMN audit.kind IS 'of the thing, e.g. `ticket`';
    COMMENT ON COLUMN audit.id IS 'of the thing';
    COMMENT ON COLUMN audit.hash IS 'SHA-256: shared/db/chain.py'""",
    "consumer_offset": """
    CREATE TABLE consumer_offset (
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        next_offset BIGINT NOT NULL,
        last_id TEXT,
        last_at TIMESTAMP WITH TIME ZONE,
        beacons JSONB DEFAULT '{}' NOT NULL,
        reached TIMESTAMP WITH TIME ZONE,
        step_s DOUBLE PRECISION,
        updated_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_consumer_offset PRIMARY KEY (topic, partition)
    );
    COMMENT ON COLUMN consumer_offset.next_offset IS 'the fence compares this';
    COMMENT ON COLUMN consumer_offset.last_id IS 'ce_id of the record before next_offset';
    COMMENT ON COLUMN consumer_offset.last_at IS 'its timestamp: a recreated log has another one there';
    COMMENT ON COLUMN consumer_offset.reached IS 'the partition''s simulated time: minimum over origins'""",
    "erased": """
    CREATE TABLE erased (
        subject TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        applied_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_erased PRIMARY KEY (subject)
    );
    COMMENT ON COLUMN erased.subject IS 'a customer''s id';
    COMMENT ON COLUMN erased.at IS 'when it was asked for'""",
    "idempotency": """
    CREATE TABLE idempotency (
        key TEXT NOT NULL,
        route TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        status SMALLINT NOT NULL,
        body BYTEA NOT NULL,
        content_type TEXT DEFAULT 'application/json' NOT NULL,
        at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_idempotency PRIMARY KEY (key, route)
    );
    CREATE INDEX ix_idempotency_at ON idempotency (at);
    COMMENT ON COLUMN idempotency.sha256 IS 'of the request''s body'""",
    "inbox": """
    CREATE TABLE inbox (
        id TEXT NOT NULL,
        topic TEXT NOT NULL,
        seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_inbox PRIMARY KEY (id)
    );
    CREATE INDEX ix_inbox_seen_at ON inbox (seen_at)""",
    "ledger": """
    CREATE TABLE ledger (
        source TEXT NOT NULL,
        stream TEXT NOT NULL,
        boot TEXT NOT NULL,
        block BIGINT NOT NULL,
        seqs INT8MULTIRANGE NOT NULL,
        dropped INT8MULTIRANGE DEFAULT '{}' NOT NULL,
        max_at TIMESTAMP WITH TIME ZONE,
        min_at TIMESTAMP WITH TIME ZONE,
        recent BYTEA,
        CONSTRAINT pk_ledger PRIMARY KEY (source, stream, boot, block)
    ) WITH (fillfactor = 70);
    COMMENT ON COLUMN ledger.block IS 'seq >> 12';
    COMMENT ON COLUMN ledger.seqs IS 'received, exact';
    COMMENT ON COLUMN ledger.max_at IS 'latest raw `at`: a later one under a known seq conflicts';
    COMMENT ON COLUMN ledger.min_at IS 'earliest; NULL: not known since the row began';
    COMMENT ON COLUMN ledger.recent IS 'seq in block and CRC-32 of the newest 32 events'""",
    "outbox": """
    CREATE TABLE outbox (
        position BIGINT GENERATED ALWAYS AS IDENTITY,
        id TEXT NOT NULL,
        topic TEXT NOT NULL,
        key TEXT,
        value BYTEA NOT NULL,
        type TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        written_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        published_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_outbox PRIMARY KEY (position),
        CONSTRAINT uq_outbox_id UNIQUE (id)
    );
    CREATE INDEX ix_outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
    COMMENT ON COLUMN outbox.key IS 'NULL: a beacon, for every partition'""",
    "quarantine": """
    CREATE TABLE quarantine (
        id TEXT NOT NULL,
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        "offset" BIGINT NOT NULL,
        key BYTEA,
        value BYTEA,
        headers JSONB NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT DEFAULT '' NOT NULL,
        appended_at TIMESTAMP WITH TIME ZONE NOT NULL,
        arrival TIMESTAMP WITH TIME ZONE NOT NULL,
        attempts SMALLINT DEFAULT 1 NOT NULL,
        quarantined_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        source TEXT,
        stands_for BIGINT DEFAULT 1 NOT NULL,
        CONSTRAINT pk_quarantine PRIMARY KEY (id)
    );
    CREATE INDEX ix_quarantine_source ON quarantine (source) WHERE source IS NOT NULL;
    COMMENT ON COLUMN quarantine.id IS 'the event''s identity, else its coordinates';
    COMMENT ON COLUMN quarantine.source IS 'of telemetry that could be read';
    COMMENT ON COLUMN quarantine.stands_for IS 'records: more than one where older conflicts of a source are only counted'""",
}
LATE = {
    "ledger": {
        "min_at": "timestamptz",
        "recent": "bytea",
    },
    "quarantine": {
        "source": "text",
        "stands_for": "bigint NOT NULL DEFAULT 1",
    },
}
"""Columns that the tables of an older database may not have yet."""
QUARANTINE_INDEX = """CREATE INDEX IF NOT EXISTS ix_quarantine_source ON quarantine (source)
    WHERE source IS NOT NULL"""

# without rights of its own: it sees what its caller may see; the path is fixed, so that a table of
# the caller's own making is not taken for ours
CHAIN = """CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $chain$
DECLARE
  last record;
BEGIN
  PERFORM pg_advisory_xact_lock(7004);
  SELECT n, at, hash INTO last FROM public.audit ORDER BY n DESC LIMIT 1;
  NEW.n := coalesce(last.n, 0) + 1;
  NEW.at := greatest(clock_timestamp(), last.at);
  NEW.previous_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  NEW.hash := sha256(NEW.previous_hash || convert_to(
    coalesce(octet_length(NEW.n::text)::text || ':' || NEW.n::text, '-') || ',' ||
    coalesce(octet_length(to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text || ':' || to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '-') || ',' ||
    coalesce(octet_length(NEW.who)::text || ':' || NEW.who, '-') || ',' ||
    coalesce(octet_length(NEW."by")::text || ':' || NEW."by", '-') || ',' ||
    coalesce(octet_length(array_to_string(NEW.roles, ' '))::text || ':' || array_to_string(NEW.roles, ' '), '-') || ',' ||
    coalesce(octet_length(NEW.organisation)::text || ':' || NEW.organisation, '-') || ',' ||
    coalesce(octet_length(NEW.address)::text || ':' || NEW.address, '-') || ',' ||
    coalesce(octet_length(NEW.request)::text || ':' || NEW.request, '-') || ',' ||
    coalesce(octet_length(NEW.action)::text || ':' || NEW.action, '-') || ',' ||
    coalesce(octet_length(NEW.kind)::text || ':' || NEW.kind, '-') || ',' ||
    coalesce(octet_length(NEW.id)::text || ':' || NEW.id, '-') || ',' ||
    coalesce(octet_length(NEW.before::text)::text || ':' || NEW.before::text, '-') || ',' ||
    coalesce(octet_length(NEW.after::text)::text || ':' || NEW.after::text, '-') || ',' ||
    coalesce(octet_length(NEW.why)::text || ':' || NEW.why, '-'), 'UTF8'));
  RETURN NEW;
END
$chain$"""
REFUSE = """CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $refuse$
BEGIN
  RAISE EXCEPTION 'the audit is only ever added to: % refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$refuse$"""
TRIGGERS = {
    "audit_chain": """CREATE TRIGGER audit_chain BEFORE INSERT ON audit
        FOR EACH ROW EXECUTE FUNCTION audit_chain()""",
    "audit_refuse": """CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
}
FIND_TRIGGERS = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'public.audit'::regclass"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    connection = op.get_bind()
    known = set(sa.inspect(connection).get_table_names())
    for table, statements in TABLES.items():
        if table not in known:
            for statement in statements.split(";\n"):
                connection.exec_driver_sql(statement)
    for table in LATE.keys() & known:
        _take_over(table)
    connection.exec_driver_sql(CHAIN)
    connection.exec_driver_sql(REFUSE)
    found = set(connection.exec_driver_sql(FIND_TRIGGERS).scalars())
    for name in TRIGGERS.keys() - found:
        connection.exec_driver_sql(TRIGGERS[name])


def _take_over(table: str) -> None:
    """Add what a table of an older database lacks; one that lacks nothing is not locked."""
    inspector = sa.inspect(op.get_bind())
    there = {column["name"] for column in inspector.get_columns(table)}
    for name, kind in LATE[table].items():
        if name not in there:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
            for comment in TABLES[table].split(";\n"):
                if comment.strip().startswith(f"COMMENT ON COLUMN {table}.{name} "):
                    op.get_bind().exec_driver_sql(comment)
    indexes = {index["name"] for index in inspector.get_indexes(table)}
    if table == "quarantine" and "ix_quarantine_source" not in indexes:
        op.execute(QUARANTINE_INDEX)
