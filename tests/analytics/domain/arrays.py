"""States, days and frames of a few customers, for the tests of the detector's parts."""

from dataclasses import replace

import numpy as np

from services.analytics.domain.drops.day import Day
from services.analytics.domain.drops.fold import Frame
from services.analytics.domain.drops.state import WHOLE, States

DATE = 739_000


def states(n=1, **given):
    made = States.new(n)
    arrays = {
        name: np.full(n, value, dtype=np.int64 if name in WHOLE else np.float64)
        for name, value in given.items()
    }
    return replace(made, **arrays)


def settled(n=1, **given):
    """Two months of three hours of use a day, a heartbeat device."""
    usual = {"uses": 120.0, "days": 40.0, "reporting_days": 60, "coverage": 1.0, "recent": 3.0}
    return states(n, **{**usual, "usual": 3.0, "near_uses": 60.0, "near_days": 20.0, **given})


def day(uses=3.0, coverage=1.0, *, n=1, member=True, expects=True, date=DATE):
    return Day(
        date=date,
        uses=np.full(n, uses, dtype=np.float64),
        coverage=np.full(n, coverage, dtype=np.float64),
        member=np.full(n, member),
        expects=np.full(n, expects),
        waiting=np.full(n, False),
        counts=np.full(n, member),
    )


def frame(n=1, *, factor=1.0, weight=1.0, dispersion=3.0, outage=False, differ=0.0, weekday=0):
    def each(value):
        return np.full(n, value, dtype=np.float64)

    return Frame(
        factor=each(factor),
        weight=each(weight),
        dispersion=each(dispersion),
        shape=each(1.2),
        rate=each(0.3),
        outage=np.full(n, outage),
        hazard=each(0.002),
        leave=each(0.04 / 30),
        differ=each(differ),
        own=each(1.0),
        weekday=weekday,
    )
