"""The best that any detector can do on the simulator: Bayes' rule over all that the simulator knows.

It is told the cohorts' seasons and disturbances, the distribution of rates, of novelty, of the kinds
of drops, of absences and of gaps; not who drops, nor what anybody's own rate is. No detector that
sees the same days finds more at the same false alarms.
"""

from dataclasses import dataclass

import numpy as np

from services.analytics.domain.drops.parameters import STANDARD
from services.analytics.domain.drops.tiers import NONE, WATCH
from tests.analytics.simulator import KEPT, Fleet, Settings

GRID = 0.1  # distance of two rates, log
NOVELTY = (1 / 6, 1 / 2, 5 / 6)  # how much more is used at first
SETTLES = 13.0  # days, in the middle
FADES = 46  # days that usage fades; later it does not matter
HALVES = 14.0  # days, of a drop that fades
MOMENTS = 24  # of the distribution of a day's liveliness


@dataclass(frozen=True)
class Watched:
    """Shapes (customers, days)."""

    posterior: np.ndarray
    tier: np.ndarray


def watched(posterior: np.ndarray, above: float) -> Watched:
    """Who is watched by a posterior: from `above` on, until it has fallen below 0.2."""
    on = np.zeros(posterior.shape, dtype=bool)
    now = np.zeros(len(posterior), dtype=bool)
    for t in range(posterior.shape[1]):
        now = np.where(now, posterior[:, t] >= STANDARD.recovered, posterior[:, t] > above)
        on[:, t] = now
    return Watched(posterior, np.where(on, WATCH, NONE))


def posterior(s: Settings, fleet: Fleet) -> np.ndarray:
    """Probability that each customer has dropped by the end of each day; shape (customers, days)."""
    rates, weights = _rates(s)
    novelty = np.repeat(NOVELTY, len(rates))
    rates, weights = np.tile(rates, len(NOVELTY)), np.tile(weights / len(NOVELTY), len(NOVELTY))
    table, grid = _table(s)
    kept = _kept()
    said = np.zeros(fleet.uses.shape)
    assert fleet.common is not None
    for cohort, season in enumerate(fleet.common):
        who = np.flatnonzero(fleet.cohort == cohort)
        belief = np.zeros((len(who), len(rates), len(kept)), dtype=np.float32)
        belief[:, :, 0] = weights
        quiet = np.zeros(len(who), dtype=int)
        for t, share in enumerate(season):
            belief = _moved(belief, s, t)
            mean = rates * (1 + novelty * np.exp(-t / SETTLES)) * share
            place = np.searchsorted(grid, mean[:, None] * kept).clip(0, len(grid) - 1)
            heard = fleet.coverage[who, t] > 0.0
            likely = table[:, place][fleet.uses[who, t].astype(int)]  # customers, rates, states
            likely[~heard] = 1.0
            belief *= likely
            quiet = _hear(belief, heard, quiet, s)
            belief /= belief.sum(axis=(1, 2), keepdims=True)
            said[who, t] = belief[:, :, 1 : 5 + FADES].sum(axis=(1, 2))
    return said


def _rates(s: Settings) -> tuple[np.ndarray, np.ndarray]:
    draws = np.maximum(np.random.default_rng(0).gamma(1.2, s.mean_uses / 1.2, 400_000), 0.15)
    rates = np.exp(np.arange(np.log(0.15), np.log(draws.max()), GRID))
    place = np.clip(np.round((np.log(draws) - np.log(0.15)) / GRID), 0, len(rates) - 1).astype(int)
    weights = np.bincount(place, minlength=len(rates)) / len(draws)
    return rates[weights > 0], weights[weights > 0]


def _kept() -> np.ndarray:
    """What is left in each state: healthy, four drops, the days of one that fades, days away."""
    fade = 0.5 ** (np.arange(FADES) / HALVES)
    sizes = [1.0, KEPT["stop"], KEPT["stop"], KEPT["most"], KEPT["half"]]
    return np.array([*sizes, *fade, *np.zeros(14)])


def _table(s: Settings) -> tuple[np.ndarray, np.ndarray]:
    """P(hours with use | mean sessions), rows by hours, and the means of its columns."""
    grid = np.exp(np.arange(np.log(1e-4), np.log(60.0), 0.04))
    shares = np.array([1, 1, 1, 1, 1, 2, 5, 8, 6, 4, 4, 4, 5, 4, 4, 4, 5, 8, 9, 8, 7, 5, 3, 2.0])
    shares /= shares.sum()
    draws = np.sort(np.random.default_rng(1).gamma(s.dispersion, 1 / s.dispersion, 48_000))
    moments = draws.reshape(MOMENTS, -1).mean(axis=1)
    table = np.zeros((25, len(grid)))
    for lively in moments:
        chance = np.zeros((25, len(grid)))
        chance[0] = 1.0
        for share in shares:
            used = -np.expm1(-grid * lively * share)
            chance[1:] = chance[1:] * (1 - used) + chance[:-1] * used
            chance[0] *= 1 - used
        table += chance / MOMENTS
    return np.maximum(table, 1e-12).astype(np.float32), grid


def _moved(belief: np.ndarray, s: Settings, t: int) -> np.ndarray:
    """A night: who drops, fades on, leaves and comes back."""
    window = s.days - s.last_drop - s.first_drop
    hazard = s.drops / window if s.first_drop <= t < s.days - s.last_drop else 0.0
    leave = s.vacations / 30.0
    after = np.zeros_like(belief)
    healthy = belief[:, :, 0]
    stop, most, half, fade = s.kinds
    sizes = (stop * (1 - s.lost_heartbeat), stop * s.lost_heartbeat, most, half)
    after[:, :, 0] = healthy * (1 - hazard - leave)
    for n, share in enumerate(sizes, 1):
        after[:, :, n] = belief[:, :, n] + healthy * hazard * share
    first = 5
    after[:, :, first] = healthy * hazard * fade
    after[:, :, first + 1 : first + FADES] = belief[:, :, first : first + FADES - 1]
    after[:, :, first + FADES - 1] += belief[:, :, first + FADES - 1]
    gone = first + FADES
    after[:, :, gone] = healthy * leave
    low, high = s.vacation_days
    for day in range(1, 14):  # who has been away for so many days
        comes = 1.0 / (high - day + 1) if day >= low else 0.0
        after[:, :, gone + day] = belief[:, :, gone + day - 1] * (1 - comes)
        after[:, :, 0] += belief[:, :, gone + day - 1] * comes
    after[:, :, 0] += belief[:, :, gone + 13]
    return after


def _hear(belief: np.ndarray, heard: np.ndarray, quiet: np.ndarray, s: Settings) -> np.ndarray:
    """What heartbeats say: a gap of three to seven days, or put away for good. Days quiet so far."""
    goes_on = np.array([s.gaps / 30.0, 1.0, 1.0, 4 / 5, 3 / 4, 2 / 3, 1 / 2, s.gaps / 30.0])
    chance = goes_on[np.minimum(quiet, 7)]
    lost = belief[:, :, 2] * ~heard[:, None]
    belief *= np.where(heard, 1.0 - chance, chance)[:, None, None].astype(np.float32)
    belief[:, :, 2] = lost
    return np.where(heard, 0, quiet + 1)
