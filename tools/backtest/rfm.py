"""What a plain model makes of the same history: a logistic on recency, frequency and amount."""

import numpy as np

from services.analytics.domain.drops.state import Flags, Floats
from services.analytics.domain.risks.logistic import Logistic
from tools.backtest.history import History

SHARE = 3  # of a history that is not much longer than the horizon a third is learned for


def rfm(history: History, horizon: int) -> Floats | None:
    """Its risk of each customer, fitted on one earlier day; None where all were alike then."""
    span = history.as_of - int(history.day.min())
    ahead = horizon if span >= 1.6 * horizon else max(span // SHARE, 1)
    cut = history.as_of - ahead
    then, known = _rows(history, cut)
    silent = np.ones(len(known), dtype=bool)
    silent[history.who[history.day > cut]] = False
    if len(set(silent[known].tolist())) < 2:
        return None
    return Logistic.fit(then[known], silent[known]).likely(_rows(history, history.as_of)[0])


def _rows(history: History, day: int) -> tuple[Floats, Flags]:
    n, past = len(history.ids), history.day <= day
    who = history.who[past]
    newest = np.zeros(n, dtype=np.int64)
    np.maximum.at(newest, who, history.day[past])
    uses = np.bincount(who, minlength=n)
    amount = np.bincount(who, weights=history.amount[past], minlength=n) / np.maximum(uses, 1)
    recency = np.where(uses > 0, day - newest, 0)
    rows: Floats = np.log1p(np.column_stack([recency, uses, np.maximum(amount, 0.0)]))
    return rows, uses > 0
