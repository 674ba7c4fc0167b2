"""Lines of a CSV -> new customers, or what is wrong with a line, without its values."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final, TypeVar

from services.journey.domain.customers.ahead import EXPECTED, is_too_far
from services.journey.domain.customers.customer import Kind, NewCustomer, Profile, Purchase
from services.journey.domain.imports.cells import (
    PRICE,
    TIME,
    BadField,
    BadLine,
    amount,
    moment,
    optional,
    plain_text,
)
from shared import identity
from shared.csv_table import Table
from shared.events.customer_changed import Subscription

COLUMNS: Final = (
    "id", "kind", "zone", "region", "name", "email", "phone", "plan", "started_at", "renews_at",
    "price_month", "product", "purchased_at", "price", "address",
)  # fmt: skip
REQUIRED: Final = ("id", "name")
KINDS: Final[dict[str, Kind]] = {"household": "household", "business": "business"}
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")

T = TypeVar("T")


def _needed(row: Mapping[str, str], field: str, make: Callable[[str], T], expected: str) -> T:
    """A field that another one needs."""
    parsed = optional(row, field, make, expected)
    if parsed is None:
        raise BadField(field, "", expected)
    return parsed


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
    row = {field: plain_text(field, text) for field, text in row.items()}
    id_ = _needed(row, "id", identity.customer_id, identity.CUSTOMER_EXPECTED)
    if not row["name"]:
        raise BadField("name", "", "a name")
    if row["email"]:
        _matching(row, "email", EMAIL, "an e-mail address")
    if row["zone"] and not identity.is_zone(row["zone"]):
        raise BadField("zone", row["zone"], identity.ZONE_EXPECTED)
    optional(row, "phone", identity.phone, identity.PHONE_EXPECTED)
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
    renews_at = optional(row, "renews_at", moment, TIME)
    if renews_at is not None and renews_at < started_at:
        raise BadField("renews_at", row["renews_at"], "a time that is not before started_at")
    return Subscription(
        plan=row["plan"],
        started_at=started_at,
        renews_at=renews_at,
        price_month=optional(row, "price_month", amount, PRICE) or 0.0,
    )


def _purchases(row: Mapping[str, str], now: datetime | None) -> list[Purchase]:
    if not row["product"]:
        for field in ("purchased_at", "price"):
            if row[field]:
                raise BadField(field, row[field], "nothing without a product")
        return []
    at = _begins(row, "purchased_at", now)
    return [Purchase(row["product"], at, optional(row, "price", amount, PRICE) or 0.0)]


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
            line = read_line(values, f"{cause}/{row.line}", now)
        except BadField as error:
            yield BadLine(row.line, str(error))
            continue
        if line.id in seen:
            yield BadLine(row.line, "id: known from a line above, expected one line per customer")
            continue
        seen.add(line.id)
        yield line
