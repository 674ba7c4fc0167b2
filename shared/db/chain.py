"""The audit's hash chain: what a row's hash covers, in SQL and in Python, side by side.

PostgreSQL computes the hash when a row is inserted, in a trigger (shared/db/migrations) that nobody who
may only insert can leave out. Python computes it again to verify, from the row alone: a changed
function in the database would not help whoever changed a row.
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
