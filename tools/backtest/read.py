"""Reads histories: rows of `customer,time[,amount]`, labels, and what customers are."""

import csv
import io
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shared.csv_table import BadCsv, Row, Table, decoded
from tools.backtest.dates import Form, reader
from tools.backtest.errors import BadHistory

Ints = npt.NDArray[np.int64]
ATTRIBUTES = ("model", "firmware", "region", "plan")
LABELS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
Tick = Callable[[int], None]
MOST_NAMED = 12  # columns of a wrong header that are named
MOST_LETTERS = 200  # of a customer
EVERY = 50_000  # rows between two steps of the progress bar


@dataclass(frozen=True, slots=True)
class Events:
    """Rows of a file, in its order.

    Attributes:
        ids: the customers, in the order they appear in.
        who: place in `ids` of each row.
        day: ordinal of each row's day, as written.
        hour: of the day; 0 where the file has none.
        amount: NaN where the file has none.
    """

    ids: list[str]
    who: Ints
    day: Ints
    hour: Ints
    amount: npt.NDArray[np.float64]

    def by(self, day: int) -> "Events":
        """The rows up to a day."""
        some = self.day <= day
        return Events(self.ids, self.who[some], self.day[some], self.hour[some], self.amount[some])


def events(file: Path, form: Form, tick: Tick) -> Events:
    """Read `customer,time[,amount]`; other columns are left out. Raises: BadHistory."""
    table = _table(file, ("customer", "time"))
    read = reader(form)
    numbers: dict[str, int] = {}
    who, day, hour, amount = array("q"), array("q"), array("b"), array("d")
    has_amount = "amount" in table.names
    for n, (row, values) in enumerate(_rows(file, table)):
        column = "customer"
        try:
            place = numbers.get(values["customer"])
            if place is None:
                place = numbers[_customer(values["customer"])] = len(numbers)
            column = "time"
            at, clock = read(values["time"])
            column = "amount"
            money = _amount(values["amount"]) if has_amount else float("nan")
        except ValueError as error:
            raise BadHistory(file, f"line {row.line}: {column}: {error}") from error
        who.append(place)
        day.append(at)
        hour.append(clock)
        amount.append(money)
        if n % EVERY == 0:
            tick(n)
    if not numbers:
        raise BadHistory(file, "it has no rows after its header; expected customer,time[,amount]")
    return Events(
        ids=list(numbers),
        who=np.array(who, dtype=np.int64),
        day=np.array(day, dtype=np.int64),
        hour=np.array(hour, dtype=np.int64),
        amount=np.array(amount, dtype=np.float64),
    )


def labels(file: Path) -> dict[str, bool]:
    """Read `customer,label`: 1 for who left, 0 for who stayed. Raises: BadHistory."""
    churned: dict[str, bool] = {}
    for row, values in _rows(file, _table(file, ("customer", "label"))):
        label = LABELS.get(values["label"].lower())
        if label is None:
            raise BadHistory(
                file, f"line {row.line}: label: expected 1 (left: no use) or 0 (stayed)"
            )
        if churned.setdefault(values["customer"], label) != label:
            raise BadHistory(file, f"line {row.line}: this customer has had another label before")
    if not churned:
        raise BadHistory(file, "it has no rows after its header; expected customer,label")
    return churned


def attributes(file: Path) -> dict[str, dict[str, str]]:
    """Read `customer` and any of model, firmware, region, plan. Raises: BadHistory."""
    rows: dict[str, dict[str, str]] = {}
    table = _table(file, ("customer",))
    if not set(ATTRIBUTES) & set(table.names):
        raise BadHistory(file, f"expected at least one column of {', '.join(ATTRIBUTES)}")
    for row, values in _rows(file, table):
        told = {name: values.get(name, "") for name in ATTRIBUTES}
        if rows.setdefault(values["customer"], told) != told:
            raise BadHistory(file, f"line {row.line}: this customer is described twice")
    return rows


def _customer(text: str) -> str:
    if not 0 < len(text) <= MOST_LETTERS or min(text) < " ":
        raise ValueError(f"expected 1 to {MOST_LETTERS} letters, none of them a control character")
    return text


def _amount(text: str) -> float:
    """A number with a decimal point. Raises: ValueError."""
    try:
        number = float(text)
    except ValueError as error:
        hint = ", without a currency"
        if not text:
            hint = "; it is empty: write 0 where it was no use"
        elif "," in text:
            hint = "; it looks like a decimal comma or thousands set apart: write 1234.50 instead"
        raise ValueError(f"expected a number such as 12.50{hint}") from error
    if not np.isfinite(number):
        raise ValueError("expected a number such as 12.50, not infinite or NaN")
    return number


def _table(file: Path, required: tuple[str, ...]) -> Table:
    given: list[str] = []
    others: list[str] = []
    try:
        text = decoded(file.read_bytes())
        first = io.StringIO(text, newline="").readline()
        given = [name.strip() for name in next(csv.reader([first]), [])]
        names = [name.casefold() for name in given]
        others = names if set(required) <= set(names) else []
        table = Table(text, tuple(dict.fromkeys((*required, *others))), required)
    except OSError as error:
        raise BadHistory(file, error.strerror or "it cannot be read") from error
    except BadCsv as error:
        lacks = not others and any(given[1:])
        has = f"; it has: {', '.join(given[:MOST_NAMED])}" if lacks else ""
        raise BadHistory(file, f"{error}{has}") from error
    return table


def _rows(file: Path, table: Table) -> Iterator[tuple[Row, dict[str, str]]]:
    for row in table.rows():
        if row.values is None:
            raise BadHistory(
                file,
                f"line {row.line}: {row.fields} fields, the header has {len(table.names)};"
                " is it a decimal comma? write 12.50, and quote what holds a comma",
            )
        yield row, row.values
