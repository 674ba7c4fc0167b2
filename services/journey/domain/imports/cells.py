"""Cells of a CSV: text and numbers in their one form, or what is wrong, without the value."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from shared import identity, moments, normal

AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,15})?")
YEARS = (1970, 2999)
TEXT = 256  # characters of a field at the most

T = TypeVar("T")


class BadField(ValueError):
    """A field is not as expected; the message names it and the kind of value, never the value."""

    def __init__(self, field: str, given: str, expected: str) -> None:
        super().__init__(f"{field}: {_kind(given)}, expected {expected}")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was left out, and why."""

    line: int
    error: str


def _kind(given: str) -> str:
    if not given:
        return "nothing"
    try:
        float(given)
    except ValueError:
        return f"text of {len(given)} characters"
    return "a number"


def moment(text: str) -> datetime:
    """An RFC 3339 time with its zone, in UTC.

    Raises: ValueError: it is not one, or lies outside of YEARS.
    """
    read = moments.read(text)
    if not YEARS[0] < read.year < YEARS[1]:
        raise ValueError
    return read


def amount(text: str) -> float:
    """A price.

    Raises: ValueError: not a number from 0 to a billion in ASCII digits.
    """
    if AMOUNT.fullmatch(text) is None or (read := float(text)) > 1e9:
        raise ValueError
    return read


TIME = "an RFC 3339 time with zone, e.g. 2026-03-01T07:12:30Z"
PRICE = "a number from 0 on, digits and one point"


def optional(
    row: Mapping[str, str], field: str, make: Callable[[str], T], expected: str
) -> T | None:
    """A field that may be empty. Raises: BadField: it is not, and not as expected."""
    if not row[field]:
        return None
    try:
        return make(row[field])
    except ValueError as error:
        raise BadField(field, row[field], expected) from error


def plain_text(field: str, text: str) -> str:
    """The one form of what a cell holds. Raises: BadField: it cannot be kept as it is."""
    hidden = normal.unseen(text, joiners=True)
    if len(text) > TEXT or hidden is not None or identity.is_spreadsheet_error(text):
        expected = f"up to {TEXT} printable characters"
        raise BadField(field, text, expected if hidden is None else f"{expected}, no {hidden}")
    return normal.normal(text)
