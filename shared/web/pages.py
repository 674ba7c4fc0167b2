"""Keyset pages: `?limit=&after=` and a `next` to continue with; stable while rows are added."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Depends, Query
from pydantic import BaseModel, Field

from shared.moments import in_utc
from shared.web.problems import Problem

T = TypeVar("T")
Row = TypeVar("Row")
Value = str | int | float | None

Limit = Annotated[int, Query(ge=1, le=200, description="Items on the page.")]
"""Write it as `limit: Limit = 50`."""


class Page(BaseModel, Generic[T]):
    """Some items, and where to go on."""

    items: list[T]
    next: str | None = Field(None, description="Give it as `after` for the next page.")


def cursor(*values: Value | datetime) -> str:
    """The place of a row in its order, as text that says nothing to a reader.

    >>> read(cursor("a", 3))
    ('a', 3)
    """
    plain = msgspec.json.encode(values)
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def read(text: str) -> tuple[Any, ...]:
    """The values of a cursor; times come back as RFC 3339 text.

    Raises: Problem 400: it is not a cursor of ours.
    """
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return tuple(msgspec.json.decode(plain, type=list[Value]))
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise _bad() from error


def moment(value: object) -> datetime:
    """A time that went through a cursor.

    Raises: Problem 400: it is not a time.
    """
    try:
        at = msgspec.convert(value, datetime)
        if at.tzinfo is not None:
            return in_utc(at)
    except (msgspec.ValidationError, ValueError) as error:
        raise _bad() from error
    raise _bad()


def by_id(after: tuple[Any, ...] | None) -> str | None:
    """The id a page ended with; None: the first page is wanted. Raises Problem 400."""
    match after:
        case None:
            return None
        case (str() as id_,) if "\x00" not in id_:
            return id_
        case _:
            raise _bad()


def by_time(after: tuple[Any, ...] | None) -> tuple[datetime, str] | None:
    """Time and id a page ended with. Raises Problem 400."""
    match after:
        case None:
            return None
        case (str() as at, str() as id_) if "\x00" not in id_:
            return moment(at), id_
        case _:
            raise _bad()


def by_number(after: tuple[Any, ...] | None) -> tuple[float, str] | None:
    """Number and id a page ended with. Raises Problem 400."""
    match after:
        case None:
            return None
        case (float() | int() as value, str() as id_) if abs(value) < 1e300 and "\x00" not in id_:
            return float(value), id_
        case _:
            raise _bad()


def by_two_numbers(after: tuple[Any, ...] | None) -> tuple[float, float, str] | None:
    """Two numbers and the id a page ended with. Raises Problem 400."""
    match after:
        case None:
            return None
        case (float() | int() as first, *rest):
            pair = by_number(tuple(rest))
            if abs(first) < 1e300 and pair is not None:
                return float(first), *pair
        case _:
            pass
    raise _bad()


def page(
    rows: Sequence[Row],
    limit: int,
    item: Callable[[Row], T],
    place: Callable[[Row], tuple[Value | datetime, ...]],
) -> Page[T]:
    """One page from a query that asked for `limit + 1` rows.

    Args:
        item: how a row is shown.
        place: the row's values in the columns of the ORDER BY.
    """
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(
        items=[item(row) for row in shown], next=cursor(*place(shown[-1])) if more else None
    )


async def _after(
    after: Annotated[
        str | None, Query(description="`next` of the page before.", max_length=1_024)
    ] = None,
) -> tuple[Any, ...] | None:
    return None if after is None else read(after)


After = Annotated[tuple[Any, ...] | None, Depends(_after)]
"""Write it as `after: After = None`: the values given to `cursor`, or None on the first page."""


def _bad() -> Problem:
    return Problem(400, "bad_cursor", "`after` is not the `next` of a page", field="query.after")
