"""Lines of a CSV -> products, or all that is wrong with the file, without its values."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

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
from services.journey.domain.products.product import KINDS, Kind, Product
from shared.csv_table import Table

COLUMNS: Final = (
    "id", "name", "kind", "price", "margin", "exchange_cost", "limits", "works_with", "replaces",
    "sold_from", "sold_until",
)  # fmt: skip
REQUIRED: Final = ("id", "kind")
MOST: Final = 10_000  # lines; a catalogue is read by people
LISTS = "several are parted by |"
LIMITS = "words and numbers, e.g. cameras=5|days=30"
NEAR = 0.6


def table(text: str) -> Table:
    """A CSV of products. Raises: BadHeader; BadCsv."""
    return Table(text, COLUMNS, REQUIRED, MOST)


def read_products(read: Table) -> tuple[list[Product], list[BadLine]]:
    """The products of a CSV, and every line that is none."""
    products: dict[str, Product] = {}
    wrong: list[BadLine] = []
    for row in read.rows():
        if row.values is None:
            expected = f"{row.fields} fields, expected {len(read.names)} as in the header"
            wrong.append(BadLine(row.line, expected))
            continue
        try:
            product = read_line(dict.fromkeys(COLUMNS, "") | row.values)
        except BadField as error:
            wrong.append(BadLine(row.line, str(error)))
            continue
        if product.id in products:
            again = "id: known from a line above, expected one line per product"
            wrong.append(BadLine(row.line, again))
        products[product.id] = product
    return list(products.values()), wrong


def unknown(products: Collection[Product], known: Collection[str]) -> Iterator[str]:
    """A sentence for each product that one of these names and that is nowhere.

    Args:
        known: ids of the catalogue; those of `products` are known too.
    """
    every = {*known, *(product.id for product in products)}
    for product in products:
        for field, other in product.names():
            if other == product.id:
                yield f"{product.id}: {field}: the product itself, expected another one"
            elif other not in every:
                near = get_close_matches(other, every, n=1, cutoff=NEAR)
                hint = f"; meant {near[0]}?" if near else ""
                yield f"{product.id}: {field}: no product {other}{hint}"


def read_line(given: Mapping[str, str]) -> Product:
    """The product of one line. Raises: BadField: the first field that is not as expected."""
    row = {field: plain_text(field, text) for field, text in given.items()}
    if not row["id"]:
        raise BadField("id", "", "what purchases and plans name it by")
    sold_from = optional(row, "sold_from", moment, TIME)
    sold_until = optional(row, "sold_until", moment, TIME)
    if sold_from is not None and sold_until is not None and sold_until <= sold_from:
        raise BadField("sold_until", row["sold_until"], "a time after sold_from")
    return Product(
        id=row["id"],
        name=row["name"] or row["id"],
        kind=_kind(row["kind"]),
        price=optional(row, "price", amount, PRICE),
        margin=optional(row, "margin", share, "a number from 0 to 1"),
        exchange_cost=optional(row, "exchange_cost", amount, PRICE),
        limits=optional(row, "limits", limits, LIMITS) or {},
        works_with=optional(row, "works_with", _listed, LISTS) or (),
        replaces=row["replaces"] or None,
        sold_from=sold_from,
        sold_until=sold_until,
    )


def share(text: str) -> float:
    """A number from 0 to 1. Raises: ValueError."""
    read = amount(text)
    if read > 1:
        raise ValueError
    return read


def limits(text: str) -> dict[str, float]:
    """Words with numbers. Raises: ValueError: it is no such list, or names a word twice."""
    read: dict[str, float] = {}
    for pair in _listed(text):
        word, sign, number = (part.strip() for part in pair.partition("="))
        if not word or not sign or word in read:
            raise ValueError
        read[word] = amount(number)
    return read


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split("|") if part.strip()))


def _kind(text: str) -> Kind | None:
    """Empty: still to be described, as a file of the catalogue has it."""
    if not text:
        return None
    for kind in KINDS:
        if text == kind:
            return kind
    raise BadField("kind", text, "one of " + ", ".join(KINDS))
