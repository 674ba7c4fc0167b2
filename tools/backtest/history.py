"""Rows as a history: days with use of each customer up to a date, and what was left out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.backtest.read import Events

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class History:
    """Days with use, by customer and day; every array has shape (k,).

    Attributes:
        ids: customers known by the date, sorted.
        who: place in `ids`.
        day: ordinal.
        hours: distinct hours with use that day, what the detector counts.
        amount: sum of the day's amounts; 0 where the file has none.
        as_of: the last day that is known.
        has_amount: the file has amounts.
    """

    ids: list[str]
    who: Ints
    day: Ints
    hours: Floats
    amount: Floats
    as_of: int
    has_amount: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows without effect, by why."""

    after: int
    not_a_use: int
    repeated: int


def until(rows: Events, as_of: int) -> tuple[History, LeftOut]:
    """What was known at the end of a day; amounts of 0 and less (returns) are no use."""
    known = rows.day <= as_of
    uses = known & ~(rows.amount <= 0.0)
    places = np.flatnonzero(uses)
    order, new = _customers(rows, places)
    hour_of = (new[rows.who[places]] * (1 << 24) + rows.day[places]) * 24 + rows.hour[places]
    hours, again = np.unique(hour_of, return_index=True)
    cells, count = np.unique(hours // 24, return_counts=True)
    money = np.nan_to_num(rows.amount[places])
    spent = np.bincount(
        np.searchsorted(cells, hour_of // 24), weights=money, minlength=len(cells)
    ).astype(np.float64)
    history = History(
        ids=[rows.ids[i] for i in order.tolist()],
        who=cells // (1 << 24),
        day=cells % (1 << 24),
        hours=count.astype(np.float64),
        amount=spent,
        as_of=as_of,
        has_amount=not bool(np.isnan(rows.amount).all()),
    )
    left = LeftOut(
        after=int((~known).sum()),
        not_a_use=int((known & ~uses).sum()),
        repeated=len(places) - len(again),
    )
    return history, left


def silent_after(rows: Events, ids: list[str], as_of: int, horizon: int) -> npt.NDArray[np.bool_]:
    """Who used nothing in so many days after a date: known only to who grades."""
    number = {id_: n for n, id_ in enumerate(ids)}
    place = np.array([number.get(id_, -1) for id_ in rows.ids], dtype=np.int64)
    later = (rows.day > as_of) & (rows.day <= as_of + horizon) & ~(rows.amount <= 0.0)
    used = place[rows.who[later]]
    silent = np.ones(len(ids), dtype=bool)
    silent[used[used >= 0]] = False
    return silent


def _customers(rows: Events, places: Ints) -> tuple[Ints, Ints]:
    """Customers with a use, sorted by id, and the place of each among them."""
    there = np.unique(rows.who[places])
    order = np.array(sorted(there.tolist(), key=lambda i: rows.ids[i]), dtype=np.int64)
    new = np.full(len(rows.ids), -1, dtype=np.int64)
    new[order] = np.arange(len(order))
    return order, new
