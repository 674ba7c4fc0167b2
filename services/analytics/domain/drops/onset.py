"""When a drop began, as three days: it is looked back for, over the days themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from services.analytics.domain.days.local_day import DAY_S
from services.analytics.domain.days.totals import DaySum
from services.analytics.domain.drops.day import ENOUGH
from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.state import Floats

QUANTILES: Final = (0.1, 0.5, 0.9)
LEAST_BEFORE = 14  # judged days before a drop, so that there is something it fell from
PRIOR_DAYS = 14.0  # of days that the usual level is worth
FLOOR = 0.01  # uses a day
NOTHING = 0.003  # share left by who stops altogether
FADES = (14.0,)  # half-lives of drops over weeks, days


@dataclass(frozen=True, slots=True)
class Onset:
    """First day with less use: as likely as not between the outer ones, four times in five.

    Attributes:
        earliest, likeliest, latest: places among the days given.
    """

    earliest: int
    likeliest: int
    latest: int


def onset(uses: Floats, usual: float, dispersion: float, p: Parameters = STANDARD) -> Onset | None:
    """Where in these days the drop began; None: too few days could be judged.

    Every day is tried as the first of each kind of drop, at the level of the days before it.

    Args:
        uses: of each day, the oldest first, the drop somewhere among them; NaN: not judged.
        usual: uses a day as the detector knows them.
        dispersion: k of the negative binomial.
    """
    judged = ~np.isnan(uses)
    seen = np.where(judged, uses, 0.0)
    before = np.cumsum(judged) - judged
    firsts = np.flatnonzero((before >= LEAST_BEFORE) & judged)
    if len(firsts) == 0:
        return None
    level = (np.cumsum(seen) - seen + PRIOR_DAYS * usual) / (before + PRIOR_DAYS)
    since = np.arange(len(uses))[None, :] - firsts[:, None]
    mean = np.maximum(level[firsts], FLOOR)[:, None]
    shares = [np.where(since >= 0, kept, 1.0) for kept in (NOTHING, *p.kept_share)]
    shares += [0.5 ** (np.maximum(since, 0) / half_life) for half_life in FADES]
    worth = [
        _log_likelihood(seen[None, :], mean * share, dispersion)[:, judged].sum(axis=1)
        for share in shares
    ]
    weight = np.exp(np.logaddexp.reduce(worth, axis=0) - np.max(worth))
    reached = np.cumsum(weight) / weight.sum()
    places = [int(firsts[int(np.searchsorted(reached, q))]) for q in QUANTILES]
    return Onset(*places)


def hours_of(days: Mapping[date, DaySum], last: date, span: int) -> Floats:
    """Hours with use of so many days up to one, the oldest first; NaN where nothing was heard.

    Who never sends heartbeats is heard on every day.
    """
    beats = any(day_sum.covered_s > 0 for day_sum in days.values())
    hours = np.full(span, np.nan)
    begun = min((day for day in days if day <= last), default=last)
    for n in range(span):
        day = last - timedelta(days=span - 1 - n)
        seen = days.get(day, DaySum())
        if day > begun and (not beats or seen.uses > 0 or seen.covered_s >= ENOUGH * DAY_S):
            hours[n] = seen.hours.bit_count()
    return hours


def _log_likelihood(uses: Floats, mean: Floats, k: float) -> Floats:
    """Negative binomial, without what does not depend on the mean."""
    likelihood: Floats = uses * np.log(mean / (k + mean)) - k * np.log1p(mean / k)
    return likelihood
