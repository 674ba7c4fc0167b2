"""What a whole cohort did on a day, so that it is not held against one customer."""

from dataclasses import dataclass, field, replace

import numpy as np

from services.analytics.domain.drops.parameters import Parameters
from services.analytics.domain.drops.rates import Counts
from services.analytics.domain.drops.state import Flags, Floats
from services.analytics.domain.drops.trend import falling_since
from services.analytics.domain.drops.trend import share as share_of_year

OUTAGE = 0.8  # of the median reporting share of 28 days: below, collection failed (2.2)
DROPPED = 0.5  # of its usual factor: below, the cohort as a whole dropped (2.2)
SHARES = 28
MOST = 1.2  # of the factor: a firmware that reports more often must not make droppers of the others
OFTEN = 0.5  # uses a day of whom a weekday says something
LEAN = 5.0  # expected uses that hold a region's factor at 1


@dataclass(frozen=True, slots=True)
class CohortDay:
    """Everything a closing froze for one cohort, and what the next closing goes on from.

    Attributes:
        factor: g, share of the expected uses that was seen, 0.05 to MOST.
        usual_factor: its running mean; g / usual_factor < 0.5 is a cohort's drop.
        weights: usual share per weekday, Monday first, mean 1.
        shape: a0 of the gamma prior of a customer's daily rate.
        rate: b0 of it.
        excess: running mean of ((y - mu)^2 - mu) / mu^2, that is 1 / k. Each customer weighs the
            same: weighed by mu^2 the heaviest users, whose hours saturate, hide the others' bursts.
        shares: reporting shares of the last 28 days.
        members: reporting members.
        outage: collection failed, the day is skipped.
        counts: what its drops and absences are estimated from.
        trend: what its customers use lately, of what the same used over a year; None: too few are
            known for long.
        falling: ordinal of the day a decline was seen first; 0: there is none.
        differ: variance of its customers' own weekdays, against the cohort's, less what is chance.
        firmwares: of a region: model and firmware -> factor of its own, beside the cohort's.
    """

    factor: float = 1.0
    usual_factor: float = 1.0
    weights: tuple[float, ...] = (1.0,) * 7
    shape: float = 1.2
    rate: float = 0.3
    excess: float = 1.0 / 3.0
    shares: tuple[float, ...] = field(default=())
    members: int = 0
    outage: bool = False
    counts: Counts = field(default_factory=Counts)
    trend: float | None = None
    falling: int = 0
    differ: float = 0.0
    firmwares: dict[str, float] = field(default_factory=dict)

    @property
    def dispersion(self) -> float:
        """K of the negative binomial, 0.3 to 50; 50 is nearly Poisson."""
        return min(max(1.0 / max(self.excess, 0.02), 0.3), 50.0)

    @property
    def dropped(self) -> bool:
        """The whole cohort used its devices much less than it lately does."""
        return not self.outage and self.factor < DROPPED * self.usual_factor


START = CohortDay()


@dataclass(frozen=True, slots=True)
class CohortMembers:
    """The members of one cohort on the day to freeze; arrays of shape (m,).

    Attributes:
        uses: y of the day.
        level: lam, the baseline rate per day of weight 1.
        own: what the weekday is to each, of what it is to the cohort.
        differs: how much of it is seen more than chance makes; NaN: not known for long.
        mature: decayed days behind `level`.
        posterior: p before the day.
        judged: the day says something about use.
        counted: members who could have reported (not unreachable already).
        settled: the baseline is old enough to say what is expected.
        held: a drop has held since yesterday.
        clear: whose absence would show.
        returned: back from one.
        near: uses a day lately, each customer's own.
        far: over a year; 0 of who is not known for long.
    """

    uses: Floats
    level: Floats
    own: Floats
    differs: Floats
    mature: Floats
    posterior: Floats
    judged: Flags
    counted: Flags
    settled: Flags
    held: Flags
    clear: Flags
    returned: Flags
    near: Floats
    far: Floats


def freeze(
    before: CohortDay, members: CohortMembers, day: int, parent: CohortDay | None, p: Parameters
) -> CohortDay:
    """Freeze a cohort's day: outage, day factor, weekday weight, dispersion, prior.

    Args:
        before: the cohort's last frozen day.
        day: ordinal.
        parent: the region's frozen day that the factor is pooled with; None for the region.
    """
    if not members.counted.any():
        return before
    weekday = (day - 1) % 7  # 0 is Monday
    judged = int(np.count_nonzero(members.judged & members.counted))
    share = judged / int(np.count_nonzero(members.counted))
    shares = (*before.shares[-(SHARES - 1) :], share)
    usual = float(np.median(before.shares)) if before.shares else share
    if share < OUTAGE * usual:
        return replace(before, shares=shares, outage=True)
    calm = members.judged & members.settled & (members.posterior < 0.3)
    expected = members.level * before.weights[weekday] * members.own
    factor = _factor(members.uses[calm], expected[calm], parent, p)
    mu = expected * factor
    ordinary = calm & (members.posterior < 0.1) & (mu > 1.0)
    often = calm & (members.level > OFTEN)
    shape, rate = _prior(before, members)
    trend = share_of_year(members.near[calm], members.far[calm])
    return CohortDay(
        factor=factor,
        usual_factor=before.usual_factor + (factor - before.usual_factor) / SHARES,
        weights=_weights(before, factor, weekday),
        shape=shape,
        rate=rate,
        excess=_excess(before, members.uses[ordinary], mu[ordinary]),
        shares=shares,
        members=judged,
        counts=before.counts.plus(
            int(np.count_nonzero(calm)),
            int(np.count_nonzero(calm & members.clear)),
            int(np.count_nonzero(members.held)),
            int(np.count_nonzero(members.returned)),
        ),
        trend=trend,
        differ=_differ(before, members.differs[often]) if p.own_weeks else 0.0,
        falling=falling_since(before.falling, trend, shares, day),
        firmwares=before.firmwares,
    )


def _factor(uses: Floats, expected: Floats, parent: CohortDay | None, p: Parameters) -> float:
    """G, with one customer's share capped so that no single one moves it."""
    seen = float(np.minimum(uses, 4.0 * expected + 4.0).sum())
    due = float(expected.sum())
    if parent is None:  # a handful of customers says little about a day: lean on 1
        seen, due = seen + LEAN, due + LEAN
    else:
        seen, due = seen + p.pool * parent.factor, due + p.pool
    return 1.0 if due <= 0.0 else min(max(seen / due, 0.05), MOST)


def _weights(before: CohortDay, factor: float, weekday: int) -> tuple[float, ...]:
    """Move the weekday's weight by a tenth of the day's ratio; mean 1, each 0.7 to 1.4."""
    weights = np.array(before.weights)
    weights[weekday] *= 0.9 + 0.1 * factor / before.usual_factor
    weights = np.clip(weights / weights.mean(), 0.7, 1.4)
    return tuple(float(w) for w in weights)


def _excess(before: CohortDay, uses: Floats, mu: Floats) -> float:
    """Running mean of the relative excess variance, 5 % a day."""
    if len(mu) == 0:
        return before.excess
    return 0.95 * before.excess + 0.05 * float(np.mean(((uses - mu) ** 2 - mu) / mu**2))


def _differ(before: CohortDay, differs: Floats) -> float:
    """Running mean of it, over a month."""
    known = differs[~np.isnan(differs)]
    if len(known) == 0:
        return before.differ
    return before.differ + (float(known.mean()) - before.differ) / SHARES


def _prior(before: CohortDay, members: CohortMembers) -> tuple[float, float]:
    """Gamma prior of the rates by moments; sampling noise of each rate taken off."""
    old = members.settled & (members.mature >= 7.0)
    if int(np.count_nonzero(old)) < 30:
        return before.shape, before.rate
    level = members.level[old]
    mean = max(float(level.mean()), 0.01)
    noise = float(np.mean((level + level**2 / before.dispersion) / members.mature[old]))
    spread = max(float(level.var()) - noise, 0.1 * mean * mean)
    shape = min(max(mean * mean / spread, 0.3), 5.0)
    return shape, shape / mean
