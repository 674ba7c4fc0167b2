"""What is held of customers, erased and given out as one declaration says: `shared/personal.py`."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import export
from shared.personal import CASCADES, ROWS, STAYS, Held


async def erase(
    connection: AsyncConnection, held: Sequence[Held], asked: Mapping[str, Sequence[str]]
) -> None:
    """Take away what is declared, in this order.

    Args:
        asked: `customers`, and whatever else the declarations bind.
    """
    for table in held:
        if (sql := erasure(table)) is not None:
            statement = text(sql)
            bound = {name: list(asked[name]) for name in statement.compile().params}
            await connection.execute(statement, bound)


async def collect(
    connection: AsyncConnection, held: Sequence[Held], customer: str
) -> dict[str, list[Any]]:
    """What is declared to be given out, by name, and what is in quarantine."""
    queries = {table.name: query(table) for table in held if table.name}
    return await export.collect(connection, queries, customer)


def erasure(held: Held) -> str | None:
    """The statement that erases; None: there is nothing to do.

    >>> erasure(Held("risk"))
    'DELETE FROM risk WHERE customer = ANY(CAST(:customers AS text[]))'
    """
    match held.erases:
        case s if s in {STAYS, CASCADES}:
            return None
        case s if s == ROWS:
            return f"DELETE FROM {held.table} WHERE {held.find}"  # noqa: S608 - ours
        case changes:
            return f"UPDATE {held.table} SET {changes} WHERE {held.find}"  # noqa: S608 - ours


def query(held: Held) -> str:
    """The query of the export.

    >>> query(Held("risk", name="risk"))
    'SELECT * FROM risk WHERE customer = ANY(CAST(:customers AS text[]))'
    """
    if held.query:
        return held.query
    order = f" ORDER BY {held.order}" if held.order else ""
    return f"SELECT {held.gives} FROM {held.table} WHERE {held.find}{order}"  # noqa: S608 - ours
