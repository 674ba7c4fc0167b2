"""Lines of a CSV -> new customers, or what is wrong with a line, without its values."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from services.journey.domain.customers.ahead import EXPECTED, is_too_far
from services.journey.domain.customers.customer import Kind, NewCustomer, Profile, Purchase
from shared import identity, moments, normal
from shared.csv_table import BadHeader, Table
from shared.events.customer_changed import Subscription

COLUMNS: Final = (
    "id", "kind", "zone", "region", "name", "email", "phone", "plan", "started_at", "renews_at",
    "price_month", "product", "purchased_at", "price", "address",
)  # fmt: skip
REQUIRED: Final = ("id", "name")
KINDS: Final[dict[str, Kind]] = {"household": "household", "business": "business"}
AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,15})?")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
YEARS = (1970, 2999)
TEXT = 256  # characters of a field at the most

T = TypeVar("T")

__all__ = ["COLUMNS", "BadField", "BadHeader", "BadLine", "read_line", "read_lines", "table"]


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


def _read(row: Mapping[str, str], field: str, make: Callable[[str], T], expected: str) -> T | None:
    """A field that may be empty."""
    if not row[field]:
        return None
    try:
        return make(row[field])
    except ValueError as error:
        raise BadField(field, row[field], expected) from error


def _needed(row: Mapping[str, str], field: str, make: Callable[[str], T], expected: str) -> T:
    """A field that another one needs."""
    found = _read(row, field, make, expected)
    if found is None:
        raise BadField(field, "", expected)
    return found


def _one_of(row: Mapping[str, str], field: str, allowed: Mapping[str, T], empty: T) -> T:
    if not row[field]:
        return empty
    if row[field] not in allowed:
        raise BadField(field, row[field], "one of " + ", ".join(allowed))
    return allowed[row[field]]


def _matching(row: Mapping[str, str], field: str, pattern: re.Pattern[str], expected: str) -> str:
    if not pattern.fullmatch(row[field]):
        raise BadField(field, row[field], expected)
    return row[field]


def read_line(row: Mapping[str, str], cause: str, now: datetime | None) -> NewCustomer:
    """The customer of one line, whose fields are all there, some empty.

    Raises: BadField: the first field that is not as expected.
    """
    row = {field: _text(field, text) for field, text in row.items()}
    id_ = _needed(row, "id", identity.customer_id, identity.CUSTOMER_EXPECTED)
    if not row["name"]:
        raise BadField("name", "", "a name")
    if row["email"]:
        _matching(row, "email", EMAIL, "an e-mail address")
    if row["zone"] and not identity.is_zone(row["zone"]):
        raise BadField("zone", row["zone"], identity.ZONE_EXPECTED)
    _read(row, "phone", identity.phone, identity.PHONE_EXPECTED)
    return NewCustomer(
        id=id_,
        profile=Profile(
            row["name"], row["email"] or None, row["phone"] or None, row["address"] or None
        ),
        cause=cause,
        kind=_one_of(row, "kind", KINDS, "household"),
        zone=row["zone"] or "UTC",
        region=row["region"] or "default",
        subscription=_subscription(row, now),
        purchases=_purchases(row, now),
    )


def _text(field: str, text: str) -> str:
    """The one form of what a cell holds."""
    hidden = normal.unseen(text, joiners=True)
    if len(text) > TEXT or hidden is not None or identity.is_spreadsheet_error(text):
        expected = f"up to {TEXT} printable characters"
        raise BadField(field, text, expected if hidden is None else f"{expected}, no {hidden}")
    return normal.normal(text)


def _begins(row: Mapping[str, str], field: str, now: datetime | None) -> datetime:
    at = _needed(row, field, moment, TIME)
    if now is not None and is_too_far(at, now):
        raise BadField(field, row[field], EXPECTED)
    return at


def _subscription(row: Mapping[str, str], now: datetime | None) -> Subscription | None:
    if not row["plan"]:
        for field in ("started_at", "renews_at", "price_month"):
            if row[field]:
                raise BadField(field, row[field], "nothing without a plan")
        return None
    started_at = _begins(row, "started_at", now)
    renews_at = _read(row, "renews_at", moment, TIME)
    if renews_at is not None and renews_at < started_at:
        raise BadField("renews_at", row["renews_at"], "a time that is not before started_at")
    return Subscription(
        plan=row["plan"],
        started_at=started_at,
        renews_at=renews_at,
        price_month=_read(row, "price_month", amount, PRICE) or 0.0,
    )


def _purchases(row: Mapping[str, str], now: datetime | None) -> list[Purchase]:
    if not row["product"]:
        for field in ("purchased_at", "price"):
            if row[field]:
                raise BadField(field, row[field], "nothing without a product")
        return []
    at = _begins(row, "purchased_at", now)
    return [Purchase(row["product"], at, _read(row, "price", amount, PRICE) or 0.0)]


def table(text: str) -> Table:
    """A CSV of customers.

    Raises: BadHeader: a column is missing, unknown or named twice; BadCsv: a quote is not closed.
    """
    return Table(text, COLUMNS, REQUIRED)


def read_lines(
    text: str | Table, cause: str, now: datetime | None = None
) -> Iterator[NewCustomer | BadLine]:
    """The customers of a CSV; a bad line is told and left out.

    Args:
        cause: of the import; a line's own is derived from it.
        now: what lies too far ahead of it is mistyped; None: nothing does.
    Raises: as `table`.
    """
    read = table(text) if isinstance(text, str) else text
    width = len(read.names)
    seen: set[str] = set()
    for row in read.rows():
        if row.values is None:
            yield BadLine(row.line, f"{row.fields} fields, expected {width} as in the header")
            continue
        values = dict.fromkeys(COLUMNS, "") | row.values
        try:
            found = read_line(values, f"{cause}/{row.line}", now)
        except BadField as error:
            yield BadLine(row.line, str(error))
            continue
        if found.id in seen:
            yield BadLine(row.line, "id: known from a line above, expected one line per customer")
            continue
        seen.add(found.id)
        yield found
