"""Lists in an order of which few rows are wanted: PostgreSQL goes through the list until a page is full.

It cannot tell how many rows have a word (and takes 2 % for any), nor whether two values are found together.
Going through is quick where many are wanted, and reads all rows of the table where few are. So it is asked
first, by the indexes of what is wanted alone, whether they are few; of few it is said which.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

FEW = 5_000  # of a million a full page is found among this many by one row in two hundred


async def about(connection: AsyncConnection, table: Table) -> int:
    """How many rows a table has, as the server counted them when it last looked; 0: it has not."""
    size = text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:name)")
    rows = (await connection.execute(size, {"name": table.name})).scalar_one()
    return max(0, int(rows))


async def few(
    connection: AsyncConnection, query: Select[Any], most: int = FEW, *, guessed: bool = True
) -> Sequence[str] | None:
    """The ids that a query finds, in no order; None: more than `most`.

    Args:
        connection: whose transaction sees the rows.
        query: of one column, the id.
        most: where the rows themselves are looked at, fewer are worth it.
        guessed: how many it finds is not known to PostgreSQL: it is not to lean on it.
    """
    if guessed:
        query = select(
            *query.cte("hits").prefix_with("MATERIALIZED").c
        )  # else `most` is thought near
    ids = (await connection.execute(query.limit(most + 1))).scalars().all()
    return ids if len(ids) <= most else None
