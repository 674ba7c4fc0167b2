"""The audit's hash chain: what a row's hash covers, in SQL and in Python, side by side.

PostgreSQL computes the hash when a row is inserted, in a trigger that nobody who may only insert can
leave out. Python computes it again to verify, from the row alone: a changed function in the database
would not help whoever changed a row.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

TABLE = "audit"
LOCK = 7_004  # one writer at a time: numbers without gaps, and one row before each row
ORIGIN = bytes(32)  # what the first row follows
MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"

# one line for each column the hash covers, as text; `{0}.` is the row
COVERED = (
    "{0}.n::text",
    """to_char({0}.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "{0}.who",
    '{0}."by"',
    "array_to_string({0}.roles, ' ')",
    "{0}.organisation",
    "{0}.address",
    "{0}.request",
    "{0}.action",
    "{0}.kind",
    "{0}.id",
    "{0}.before::text",
    "{0}.after::text",
    "{0}.why",
)
_TEXT = " || ',' ||\n    ".join(
    f"coalesce(octet_length({f})::text || ':' || {f}, '-')"
    for f in (each.format("NEW") for each in COVERED)
)

# without rights of its own: it sees what its caller may see; the path is fixed, so that a table of
# the caller's own making is not taken for ours
CHAIN = f"""
CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $chain$
DECLARE
  last record;
BEGIN
  PERFORM pg_advisory_xact_lock({LOCK});
  SELECT n, at, hash INTO last FROM public.audit ORDER BY n DESC LIMIT 1;
  NEW.n := coalesce(last.n, 0) + 1;
  NEW.at := greatest(clock_timestamp(), last.at);
  NEW.previous_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  NEW.hash := sha256(NEW.previous_hash || convert_to(
    {_TEXT}, 'UTF8'));
  RETURN NEW;
END
$chain$"""  # noqa: S608 - columns of ours
REFUSE = """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $refuse$
BEGIN
  RAISE EXCEPTION 'the audit is only ever added to: % refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$refuse$"""
DDL = (
    CHAIN,
    REFUSE,
    """CREATE TRIGGER audit_chain BEFORE INSERT ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_chain()""",
    """CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
)


def moment(at: datetime) -> str:
    """A time as the hash covers it."""
    return at.astimezone(UTC).strftime(MOMENT)


def link(previous: bytes, covered: Sequence[str | None]) -> bytes:
    """The hash of a row.

    Args:
        previous: hash of the row before.
        covered: texts of the columns, in the order of COVERED.

    >>> link(ORIGIN, ["1", None]).hex()[:16]
    'db7188a4dd609d74'
    """
    text = ",".join("-" if f is None else f"{len(f.encode())}:{f}" for f in covered)
    return hashlib.sha256(previous + text.encode()).digest()
