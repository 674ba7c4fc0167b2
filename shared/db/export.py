"""What one database holds of one customer, as rows of JSON: a service's part of an export."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

HEX = "\\x"
_BYTES = frozenset({"payload", "value"})  # columns that hold what came from outside

# as an erasure finds them: shared/stream/quarantine.py
_ASIDE = """SELECT id, topic, reason, appended_at, value FROM quarantine
    WHERE key = CAST('c:' || :customer AS bytea)
      OR position(CAST('"' || :customer || '"' AS bytea) IN value) > 0 ORDER BY appended_at, id"""


async def collect(
    connection: AsyncConnection, queries: Mapping[str, str], customer: str
) -> dict[str, list[Any]]:
    """The rows of each query, which takes `:customer` or `:customers`, and what is in quarantine."""
    return {
        name: await _rows(connection, query, customer)
        for name, query in {**queries, "quarantine": _ASIDE}.items()
    }


async def _rows(connection: AsyncConnection, query: str, customer: str) -> list[Any]:
    wrapped = f"SELECT coalesce(json_agg(r), '[]') FROM ({query}) AS r"  # noqa: S608 - of ours
    statement = text(wrapped)
    known = {"customer": customer, "customers": [customer]}
    bound = {name: known[name] for name in statement.compile().params}
    encoded = (await connection.execute(statement, bound)).scalar_one()
    rows: list[dict[str, Any]] = (
        msgspec.json.decode(encoded) if isinstance(encoded, str) else encoded
    )
    return [{name: _readable(name, value) for name, value in row.items()} for row in rows]


def _readable(name: str, value: Any) -> Any:
    """Bytes as the text they are; in JSON PostgreSQL writes them in hex digits behind a mark.

    >>> _readable("payload", HEX + "416e6e")
    'Ann'
    """
    if name not in _BYTES or not isinstance(value, str):
        return value
    return bytes.fromhex(value.removeprefix(HEX)).decode("utf-8", "replace")
