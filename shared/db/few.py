"""Searches by words: PostgreSQL cannot tell how many rows have a word, and takes 2 % for any.

A page of a list in order is then read by going through the whole list, row after row, until it is full:
quick where many have the word, and all rows of the table where few have it. So it is asked first, by
the index of the words alone, whether they are few; of few it is said which.
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


async def few(connection: AsyncConnection, query: Select[Any]) -> Sequence[str] | None:
    """The ids that a query finds, in no order; None: more than FEW.

    Args:
        connection: whose transaction sees the rows.
        query: of one column, the id.
    """
    hits = query.cte("hits").prefix_with("MATERIALIZED")  # else planned as if few were enough
    ids = (await connection.execute(select(*hits.c).limit(FEW + 1))).scalars().all()
    return ids if len(ids) <= FEW else None
