"""Replays a history through the service's own domain: closings, lessons, the head, the tiers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.analytics.domain.days.close import Frozen, Roll, freeze_day, spread
from services.analytics.domain.drops.day import Day
from services.analytics.domain.drops.fold import fold_day, with_own
from services.analytics.domain.drops.parameters import STANDARD
from services.analytics.domain.drops.state import Floats, Ints, States
from services.analytics.domain.risks.habits import put_uses
from services.analytics.domain.risks.head import MOST as MOST_LESSONS
from services.analytics.domain.risks.head import Head
from services.analytics.domain.risks.lessons import Lesson, Snapshot, lessons, plan
from services.analytics.domain.risks.prior import Prior, Seen
from tools.backtest.history import History

PERIODS = (1, 7, 28)  # days that are judged as one
DAILY, WEEKLY = 0.1, 0.03  # days with use per day of the middle customer, from which they are
MOST = 60_000_000  # customers x periods that are closed: longer periods beyond
WINDOW = 28  # days that faults and tickets count for

Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where a history ends; arrays have shape (n,), in the order of its customers."""

    states: States
    risk: Floats
    head: Head
    period: int


@dataclass(frozen=True, slots=True)
class Signs:
    """Something that happened to customers beside their uses, e.g. tickets: whose, on which day."""

    who: Ints
    day: Ints

    def count(self, n: int, day: int) -> Floats:
        """How many in the last days up to one."""
        near = (self.day <= day) & (self.day > day - WINDOW)
        return np.log1p(np.bincount(self.who[near], minlength=n).astype(np.float64))


def replay(
    history: History,
    horizon: int,
    cohorts: Sequence[str],
    signs: Mapping[str, Signs],
    tick: Tick,
) -> Replayed:
    """Close every period up to the date and learn from earlier ones what silence follows from."""
    n = len(history.ids)
    period = _period(history)
    first = np.full(n, history.as_of, dtype=np.int64)
    np.minimum.at(first, history.who, history.day)
    start = history.as_of - -(-(history.as_of - int(first.min()) + 1) // period) * period
    planned = plan(start, history.as_of, horizon)
    step = max(n * len(planned) // MOST_LESSONS, 1)
    run = _Run(history, first, period, Roll.of_customers(cohorts))
    learned: list[Lesson] = []
    for end in range(start + period, history.as_of + 1, period):
        run.close(end)
        tick(end - start, history.as_of - start)
        due = sorted({ahead for day, ahead in planned if end - period < day <= end})
        known = [ahead for ahead in due if end + ahead <= history.as_of]
        if known:
            learned += lessons(_snapshot(run, end, signs), known, step)
    prior = Prior.fit(Seen.of(run.states, history.as_of))
    head = Head.fit(prior, learned)
    more = _more(history, n, signs, history.as_of)
    return Replayed(run.states, head.risk(run.states, history.as_of, horizon, more), head, period)


class _Run:
    """The states while days are closed one after the other."""

    def __init__(self, history: History, first: Ints, period: int, roll: Roll) -> None:
        self.history, self.first, self.period, self.roll = history, first, period, roll
        self.states = States.new(len(first))
        self.frozen: Frozen = {}
        self.parameters = STANDARD.per(period)
        self._order = np.argsort(history.day, kind="stable")
        self._days = history.day[self._order]

    def close(self, end: int) -> None:
        """Close the period that ends with a day."""
        history, n = self.history, len(self.first)
        begin = end - self.period + 1
        low, high = np.searchsorted(self._days, [begin, end + 1])
        rows = self._order[low:high]
        uses = np.bincount(history.who[rows], weights=history.hours[rows], minlength=n).astype(
            np.float64
        )
        day = Day(
            date=end,
            uses=uses,
            coverage=np.zeros(n),
            member=self.first < begin,
            expects=np.ones(n, dtype=bool),
            waiting=np.zeros(n, dtype=bool),
            counts=self.first <= end,
        )
        self.frozen = freeze_day(self.states, day, self.roll, self.frozen, self.parameters)
        frame = spread(self.roll, self.frozen, 0, self.parameters)
        if self.period == 1:
            weekday = (end - 1) % 7
            frame = spread(self.roll, self.frozen, weekday, self.parameters)
        frame = with_own(self.states, frame, self.parameters)
        self.states = fold_day(self.states, day, frame, self.parameters)
        for some in _one_each(history.who[rows]):
            chosen = rows[some]
            self.states = put_uses(
                self.states, history.who[chosen], history.day[chosen], history.hours[chosen]
            )


def _one_each(who: Ints) -> list[Ints]:
    """Places of rows in rounds, so that none has a customer twice; rows keep their order."""
    if len(who) == 0:
        return []
    order = np.argsort(who, kind="stable")
    starts = np.flatnonzero(np.diff(who[order], prepend=-1))
    nth = np.arange(len(who)) - np.repeat(starts, np.diff(np.append(starts, len(who))))
    return [order[nth == k] for k in range(int(nth.max()) + 1)]


def _period(history: History) -> int:
    """How many days are judged as one: for use now and then more than one."""
    days = np.bincount(history.who)
    first, last = np.full(len(days), 1 << 40), np.zeros(len(days), dtype=np.int64)
    np.minimum.at(first, history.who, history.day)
    np.maximum.at(last, history.who, history.day)
    often = days >= 3
    rate = float(np.median(days[often] / (last - first + 1)[often])) if often.any() else 0.0
    span = history.as_of - int(first.min()) + 1
    wanted = 1 if rate >= DAILY else 7 if rate >= WEEKLY else 28
    fits = [p for p in PERIODS if p >= wanted and len(days) * span / p <= MOST]
    return fits[0] if fits else max(-(-len(days) * span // (MOST * 7)) * 7, 28)


def _snapshot(run: _Run, day: int, signs: Mapping[str, Signs]) -> Snapshot:
    known = np.flatnonzero(run.states.used_days > 0)
    history, n = run.history, len(run.first)
    later = np.flatnonzero(history.day > day)
    again = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(again, history.who[later], history.day[later])
    again[again == np.iinfo(np.int64).max] = 0
    more = {name: values[known] for name, values in _more(history, n, signs, day).items()}
    return Snapshot(day, run.states.take(known), again[known], more)


def _more(history: History, n: int, signs: Mapping[str, Signs], day: int) -> dict[str, Floats]:
    """What the file tells beside times."""
    counts = {name: sign.count(n, day) for name, sign in signs.items()}
    if history.has_amount:
        past = history.day <= day
        total = np.bincount(history.who[past], weights=history.amount[past], minlength=n)
        days = np.bincount(history.who[past], minlength=n)
        counts["amount"] = np.log1p(total)
        counts["amount_a_day"] = np.log1p(total / np.maximum(days, 1))
    return counts
