"""Rows in batches: seed, lock in key order, write with one statement. The loader all writers use.

Every writer (consumer, API, timer) locks through `lock`: tables in a fixed order, keys sorted, so
that no two transactions wait for each other and none decides on a row it does not hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Column, LargeBinary, Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

Key = Any
Row = Mapping[str, Any]

_dialect = postgresql.dialect()  # type: ignore[no-untyped-call]


def _sql_type(column: Column[Any]) -> str:
    # an array has no collation of its own: the column's decides when the values meet it
    return str(column.type.compile(dialect=_dialect)).partition(" COLLATE ")[0]


def _is_bytes(column: Column[Any]) -> bool:
    return isinstance(column.type, LargeBinary)


def _value(column: Column[Any]) -> str:
    name = f'v."{column.name}"'
    return f"decode({name}, 'base64')" if _is_bytes(column) else name


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)


def _source(table: Table, names: Sequence[str]) -> str:
    """The rows of `:rows`, as `v` with these columns."""
    columns = ", ".join(
        f'"{n}" {"text" if _is_bytes(table.c[n]) else _sql_type(table.c[n])}' for n in names
    )
    return f"json_to_recordset(CAST(:rows AS json)) AS v({columns})"


def _document(rows: Sequence[Row]) -> dict[str, str]:
    """All rows as one JSON document: one bound value.

    asyncpg looks at every element of an array it sends (1.3 us each, measured); a document is
    written by msgspec and read by PostgreSQL. A float64 passes unchanged (shortest text that reads
    back the same), but NaN and infinity would arrive as NULL: columns that must not be null refuse.
    """
    return {"rows": msgspec.json.encode(rows).decode()}


@lru_cache(maxsize=512)
def _seed_sql(table: Table, names: tuple[str, ...]) -> TextClause:
    keys = _key_names(table)
    match = " AND ".join(f't."{key}" = v."{key}"' for key in keys)
    values = ", ".join(_value(table.c[name]) for name in names)
    order = ", ".join(f'v."{key}"' for key in keys)
    return text(
        f'INSERT INTO "{table.name}" ({_quoted(names)}) SELECT {values} '  # noqa: S608
        f"FROM {_source(table, names)} "
        f'WHERE NOT EXISTS (SELECT 1 FROM "{table.name}" t WHERE {match}) '
        f"ORDER BY {order} ON CONFLICT DO NOTHING"
    )


@lru_cache(maxsize=512)
def _lock_sql(table: Table) -> TextClause:
    keys = _key_names(table)
    match = " AND ".join(f't."{key}" = v."{key}"' for key in keys)
    order = ", ".join(f't."{key}"' for key in keys)
    # never `t.*`: a column that a newer release has added is none of ours
    columns = ", ".join(f't."{column.name}"' for column in table.columns)
    return text(
        f'SELECT {columns} FROM "{table.name}" t JOIN {_source(table, keys)} ON {match} '  # noqa: S608
        f"ORDER BY {order} FOR UPDATE OF t"
    )


@lru_cache(maxsize=512)
def _write_sql(table: Table, names: tuple[str, ...], change: tuple[str, ...]) -> TextClause:
    keys = _key_names(table)
    values = ", ".join(_value(table.c[name]) for name in names)
    order = ", ".join(f'v."{key}"' for key in keys if key in names) or "1"
    then = (
        f"({_quoted(keys)}) DO UPDATE SET "
        + ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in change)
        if change
        else "DO NOTHING"
    )
    return text(
        f'INSERT INTO "{table.name}" ({_quoted(names)}) SELECT {values} '  # noqa: S608
        f"FROM {_source(table, names)} ORDER BY {order} ON CONFLICT {then}"
    )


@lru_cache(maxsize=512)
def _update_sql(table: Table, names: tuple[str, ...]) -> TextClause:
    keys = _key_names(table)
    change = ", ".join(f'"{n}" = {_value(table.c[n])}' for n in names if n not in keys)
    match = " AND ".join(f't."{key}" = v."{key}"' for key in keys)
    return text(
        f'UPDATE "{table.name}" t SET {change} FROM {_source(table, names)} WHERE {match}'  # noqa: S608
    )


async def lock(
    connection: AsyncConnection,
    table: Table,
    keys: Iterable[Key],
    *,
    seed: Row | None = None,
) -> dict[Key, dict[str, Any]]:
    """Hold the rows of `keys` until the transaction ends; in key order, so nobody deadlocks.

    Args:
        keys: values of the primary key, tuples where it is composite; repeats are fine.
        seed: columns of rows that do not exist yet (`{}` for defaults); None: insert nothing.
    Returns: all columns of `table`, of the rows that exist now, by key.
    """
    ordered = sorted(set(keys))
    if not ordered:
        return {}
    names = _key_names(table)
    single = len(names) == 1
    rows = [{names[0]: k} if single else dict(zip(names, k, strict=True)) for k in ordered]
    if seed is not None:
        await insert_missing(connection, table, [{**row, **seed} for row in rows])
    result = await connection.execute(_lock_sql(table), _document(rows))
    columns = tuple(result.keys())
    held = [dict(zip(columns, row, strict=True)) for row in result]
    if single:
        return {row[names[0]]: row for row in held}
    return {tuple(row[name] for name in names): row for row in held}


async def insert_missing(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert, in key order, those rows whose key is not there yet."""
    if rows:
        await connection.execute(_seed_sql(table, tuple(rows[0])), _document(rows))


async def upsert(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[Row],
    *,
    only: Sequence[str] | None = None,
) -> None:
    """Insert or overwrite by primary key, one statement.

    Args:
        rows: all with the same columns.
        only: columns to overwrite in rows that exist (default: all but the key).
    """
    if not rows:
        return
    names = tuple(rows[0])
    keys = _key_names(table)
    change = tuple(only) if only is not None else tuple(n for n in names if n not in keys)
    await connection.execute(_write_sql(table, names, change), _document(rows))


async def insert_new(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert; rows that meet a unique key already there are left out."""
    if rows:
        await connection.execute(_write_sql(table, tuple(rows[0]), ()), _document(rows))


async def update(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Overwrite the given columns of existing rows, found by primary key."""
    if rows:
        await connection.execute(_update_sql(table, tuple(rows[0])), _document(rows))
