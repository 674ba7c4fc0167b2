"""Rows of a million customers in PostgreSQL's binary COPY format, made and read by the array.

One statement with its values, whatever their form, costs more than a closing's own arithmetic
(docs/decisions/0076): a COPY of arrays costs a tenth of it.
"""

import struct
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, SmallInteger, Table
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Double, TypeEngine

from services.analytics.domain.drops.state import Ints
from services.analytics.domain.risks.numbers import Coded, Column

SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END: Final = struct.pack(">h", -1)
NULL: Final = struct.pack(">i", -1)
DAY_0: Final = date(2000, 1, 1).toordinal()  # PostgreSQL counts dates and times from here
QUARTER_0: Final = (DAY_0 - date(1970, 1, 1).toordinal()) * 96
QUARTER_US: Final = 900_000_000
_ENDS: Final = "SELECT min(id), max(id) FROM unnest(string_to_array($1, $2)) AS v(id)"
_COUNT = struct.Struct(">h")
_SIZE = struct.Struct(">i")
_FORMS: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (Double, ">f8"),
    (BigInteger, ">i8"),  # before Integer: it is one
    (SmallInteger, ">i2"),
    (Integer, ">i4"),
    (Boolean, "?"),
    (Date, ">i4"),
    (DateTime, ">i8"),
)


Columns = Mapping[str, Column]


def encoded(table: Table, columns: Columns) -> bytes:
    """Rows of a table: ids as a sequence of text, numbers as arrays, the rest coded.

    Dates in arrays are ordinals, times are quarters of an hour from 1970.
    """
    order = _order(columns)
    numbers = {name: columns[name] for name in order if isinstance(columns[name], np.ndarray)}
    begin, pieces = _COUNT.pack(len(columns)), []
    for name in order[: len(order) - len(numbers)]:
        column = columns[name]
        if not isinstance(column, Coded):
            pieces.append([_SIZE.pack(len(b)) + b for b in map(str.encode, column)])
            continue
        form = _form(table, name)
        values = [_piece(value, form) for value in column.values]
        if len(values) == 1:
            begin += values[0]
        else:
            pieces.append(np.array(values, dtype=object)[column.of].tolist())
    pieces.append(_fixed(table, numbers))
    # one join of all pieces, not one for each row
    many, width = len(pieces[0]), len(pieces) + 1
    body = [begin] * (many * width)
    for n, piece in enumerate(pieces, 1):
        body[n::width] = piece
    return SIGNATURE + b"".join(body) + END


def _order(columns: Columns) -> list[str]:
    """What is the same in every row first, then text and coded columns, then numbers: as they are sent."""
    return sorted(columns, key=lambda name: _place(columns[name]))


def _place(column: Column) -> int:
    if isinstance(column, np.ndarray):
        return 2
    return 0 if isinstance(column, Coded) and len(column.values) == 1 else 1


def joined(texts: Sequence[str]) -> tuple[str, str]:
    r"""Texts as one, and what stands between them: an array costs 1.3 us an element to send.

    >>> joined(["a", "b\x01"])
    ('a\x02b\x01', '\x02')
    """
    whole = "".join(texts)
    between = next(mark for mark in map(chr, range(1, 0x110000)) if mark not in whole)
    return between.join(texts), between


async def ends(connection: AsyncConnection, ids: Sequence[str]) -> tuple[str, str]:
    """The first and the last of them as PostgreSQL orders them.

    A slice is read between its ends; found by its ids alone, each slice would read the whole table.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    first, last = await driver.fetchrow(_ENDS, *joined(ids))  # type: ignore[union-attr]
    return first, last


async def copy(connection: AsyncConnection, table: Table, columns: Columns) -> None:
    """Add rows to a table."""
    driver = (await connection.get_raw_connection()).driver_connection
    source = BytesIO(encoded(table, columns))
    await driver.copy_to_table(  # type: ignore[union-attr]
        table.name, source=source, columns=_order(columns), format="binary"
    )


async def read(
    connection: AsyncConnection, query: str, forms: Mapping[str, Any], *args: Any
) -> tuple[npt.NDArray[Any], list[bytes]]:
    """Rows of a query of numbers that are never NULL, and one text behind them.

    Args:
        forms: names of the numbers and their form, as numpy says it, in the order of the query.
    Returns: the numbers as an array with these fields, and the texts.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    into = BytesIO()
    await driver.copy_from_query(query, *args, output=into, format="binary")  # type: ignore[union-attr]
    return _decoded(into.getvalue(), _layout(forms))


def _decoded(sent: bytes, layout: np.dtype[Any]) -> tuple[npt.NDArray[Any], list[bytes]]:
    at, end, size = len(SIGNATURE), len(sent) - len(END), layout.itemsize
    numbers, texts = [], []
    length = _SIZE.unpack_from
    while at < end:
        begin = at + 2 + size
        numbers.append(sent[at + 2 : begin])
        at = begin + 4 + length(sent, begin)[0]
        texts.append(sent[begin + 4 : at])
    return np.frombuffer(b"".join(numbers), dtype=layout), texts


def _layout(forms: Mapping[str, Any]) -> np.dtype[Any]:
    fields = []
    for name, form in forms.items():
        fields += [(f"size of {name}", ">i4"), (name, form)]
    return np.dtype(fields)


def _fixed(table: Table, columns: Mapping[str, Any]) -> list[bytes]:
    """The numbers of each row, with their lengths."""
    layout = _layout({name: _form(table, name) for name in columns})
    rows = np.empty(len(next(iter(columns.values()))), dtype=layout)
    for name, values in columns.items():
        form = layout.fields[name][0]  # type: ignore[index]
        rows[f"size of {name}"] = form.itemsize
        rows[name] = _as_sent(values, table.c[name].type)
    packed, size = rows.tobytes(), layout.itemsize
    return [packed[at : at + size] for at in range(0, len(packed), size)]


def _as_sent(values: npt.NDArray[Any], type_: TypeEngine[Any]) -> npt.NDArray[Any]:
    if isinstance(type_, Date):
        return values - DAY_0
    if isinstance(type_, DateTime):
        return (values - QUARTER_0) * QUARTER_US
    return values


def _form(table: Table, name: str) -> str:
    type_ = table.c[name].type
    return next((form for kind, form in _FORMS if isinstance(type_, kind)), "")


def _piece(value: Any, form: str) -> bytes:
    if value is None:
        return NULL
    if isinstance(value, str):
        sent = value.encode()
    else:
        number = value.toordinal() - DAY_0 if isinstance(value, date) else value
        sent = np.array(number, dtype=form).tobytes()
    return _SIZE.pack(len(sent)) + sent


def days_of(sent: npt.NDArray[Any]) -> Ints:
    """Ordinals of dates as PostgreSQL sends them."""
    ordinals: Ints = sent.astype(np.int64) + DAY_0
    return ordinals


def quarters_of(sent: npt.NDArray[Any]) -> Ints:
    """Quarters of an hour from 1970 of times as PostgreSQL sends them."""
    quarters: Ints = sent.astype(np.int64) // QUARTER_US + QUARTER_0
    return quarters
