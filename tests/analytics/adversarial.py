"""Cases that an early detector got wrong, each with its figure then and a way to measure it now.

`before` is what was measured on the release of 2026-11-26, on fleets of the same description.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from services.analytics.domain.days.close import REGION
from services.analytics.domain.drops.tiers import AT_RISK, NONE, WATCH
from tests.analytics.grading import Run, flags, run
from tests.analytics.simulator import Fleet, Settings, simulate

STEADY = Settings(customers=600, days=180, drops=0.0, gaps=0.0, disturbances=False, novelty=0.0)
DAY = 100  # on which it begins
UNTIL = 145


@dataclass(frozen=True)
class Case:
    """Attributes: before: the figure then; now: measures it, for a seed."""

    says: str
    before: float
    now: Callable[[int], float]


def _lived(seed: int, mean: float = 3.0, **more: float) -> tuple[Fleet, np.random.Generator]:
    """Steady customers who all use about as much."""
    settings = replace(STEADY, seed=seed, mean_uses=mean, rate_spread=0.1, **more)
    return simulate(settings), np.random.default_rng(seed + 1_000)


def _flagged(result: Run, who: np.ndarray, least: int, begin: int = DAY, end: int = UNTIL) -> float:
    return 100.0 * float((result.tier[who, begin:end] >= least).any(axis=1).mean())


def _alarms(result: Run, start: int = 30) -> float:
    customers, days = result.tier.shape
    found = [day for _, day in flags(result.tier >= WATCH) if day >= start]
    return 1000.0 * len(found) / (customers * (days - start) / 30.0)


def _thinned(uses: np.ndarray, rng: np.random.Generator, share: float | np.ndarray) -> np.ndarray:
    thin: np.ndarray = rng.binomial(uses.astype(int), share).astype(float)
    return thin


def stopped(seed: int) -> float:
    fleet, _ = _lived(seed)
    fleet.uses[:300, DAY:] = 0.0
    return 100.0 * float((run(fleet).tier[:300, DAY + 66] <= NONE).mean())


def chatty_others(seed: int) -> float:
    fleet, _ = _lived(seed)
    fleet = replace(fleet, cohort=np.zeros_like(fleet.cohort))
    fleet.uses[:300, DAY:] = np.minimum(3.0 * fleet.uses[:300, DAY:], 24.0)
    return _flagged(run(fleet), np.arange(300, 600), WATCH)


def reports_a_third(seed: int) -> float:
    fleet, rng = _lived(seed)
    fleet.uses[:60, DAY:] = _thinned(fleet.uses[:60, DAY:], rng, 0.33)
    firmware = np.full(fleet.uses.shape, "cam/1.0")
    firmware[:60, DAY:] = "cam/1.1"
    return _flagged(run(replace(fleet, firmware=firmware)), np.arange(60), WATCH)


def away(seed: int, days: int, least: int, coverage: float | None) -> float:
    fleet, _ = _lived(seed)
    fleet.uses[:150, DAY : DAY + days] = 0.0
    if coverage is not None:
        fleet.coverage[:150, DAY : DAY + days] = coverage
    return _flagged(run(fleet), np.arange(150), least)


def silent_cohort(seed: int) -> float:
    fleet, _ = _lived(seed)
    cohort = np.where(np.arange(600) < 80, 9, fleet.cohort)
    fleet = replace(fleet, cohort=cohort)
    fleet.uses[:80, DAY : DAY + 20] = 0.0
    fleet.coverage[:80, DAY : DAY + 20] = 0.0
    return _flagged(run(fleet), np.arange(80), AT_RISK)


def heartbeats_end(seed: int) -> float:
    fleet, _ = _lived(seed, mean=1.0)
    fleet.coverage[:, DAY:] = 0.0
    return 100.0 * float((run(fleet).tier[:, DAY:UNTIL] == AT_RISK).any(axis=1).mean())


def exchange(seed: int, days: int) -> float:
    fleet, _ = _lived(seed)
    waiting = np.zeros(fleet.uses.shape, dtype=bool)
    waiting[:150, DAY : DAY + days] = True
    fleet.uses[:150, DAY : DAY + days] = 0.0
    fleet.coverage[:150, DAY : DAY + days] = 0.0
    return _flagged(run(replace(fleet, waiting=waiting)), np.arange(150), WATCH)


def heavy_to_half(seed: int) -> float:
    fleet, rng = _lived(seed, mean=12.0)  # hours: twenty uses a day
    fleet.uses[:300, DAY:] = _thinned(fleet.uses[:300, DAY:], rng, 0.72)  # ten uses
    return _flagged(run(fleet), np.arange(300), WATCH)


def rare_stop(seed: int) -> float:
    fleet, _ = _lived(seed, mean=0.15)
    fleet.uses[:300, DAY:] = 0.0
    seen = run(fleet).tier[:300, DAY:] >= WATCH
    days = np.where(seen.any(axis=1), seen.argmax(axis=1), seen.shape[1])
    return float(np.median(days))


def habit(seed: int, on: int, every: int) -> float:
    """Uses on the first `on` of every so many days only."""
    fleet, _ = _lived(seed)
    shift = np.arange(600)[:, None]
    days = np.arange(180)[None, :] + (0 if every == 7 else shift)
    return _alarms(run(replace(fleet, uses=np.where(days % every >= every - on, fleet.uses, 0.0))))


def some_on_weekends(seed: int) -> float:
    """A tenth uses on Saturdays and Sundays only, from the fifth month on."""
    fleet, _ = _lived(seed)
    apart = (np.arange(600)[:, None] < 60) & (np.arange(180)[None, :] % 7 < 5)
    result = run(replace(fleet, uses=np.where(apart, 0.0, fleet.uses)))
    return _alarms(replace(result, tier=result.tier[:60]), start=110)


def second_season(seed: int, left: float, months: float = 4.0) -> float:
    """A tenth uses so much of its usual from a day of its own on, each year for so long."""
    fleet, rng = _lived(seed, days=2 * 365 + 60)
    days = np.arange(fleet.uses.shape[1])[None, :]
    begins = np.random.default_rng(seed).integers(120, 220, (60, 1))
    moved = np.random.default_rng(seed + 1).integers(-7, 8, (60, 1)) * (days > 365)
    low = (days - begins - moved) % 365 < 30.0 * months
    uses = fleet.uses[:60]
    fleet.uses[:60] = np.where(low & (days > 60), _thinned(uses, rng, left), uses)
    return _flagged(run(fleet), np.arange(60), WATCH, 365 + 90, 2 * 365 + 60)


def declines_together(seed: int) -> float:
    """Everybody goes down to 30 % over ten weeks: when is it said of the region?"""
    fleet, rng = _lived(seed)
    left = np.clip(1.0 - 0.01 * (np.arange(fleet.uses.shape[1]) - DAY), 0.3, 1.0)
    uses = _thinned(fleet.uses, rng, left)
    history = run(replace(fleet, uses=uses)).cohorts[DAY:]
    falling = [n for n, frozen in enumerate(history) if frozen[REGION].falling]
    return float(falling[0] if falling else len(history))


CASES = (
    Case("stopped, 66 days later: tier none, %", 100, stopped),
    Case("half of a model reports 3 x: others flagged, %", 90, chatty_others),
    Case(
        "a tenth gets a firmware that reports a third: flagged as leaving, %", 100, reports_a_third
    ),
    Case("away 7 days: flagged, %", 47, lambda seed: away(seed, 7, WATCH, None)),
    Case("a cohort silent for 20 days: at risk, %", 100, silent_cohort),
    Case("heartbeats end, use goes on (1 a day): at risk, %", 31, heartbeats_end),
    Case("exchange with a gap of 12 days: watched, %", 55, lambda seed: exchange(seed, 12)),
    Case("exchange with a gap of 20 days: watched, %", 100, lambda seed: exchange(seed, 20)),
    Case("20 uses a day to 10: not found in 45 days, %", 96, lambda s: 100 - heavy_to_half(s)),
    Case("all decline to 30 % in ten weeks: days until said", 90, declines_together),
    Case("one use a week, stops: days until watched", 59, rare_stop),
    Case("weekends only: false alarms", 30, lambda seed: habit(seed, 2, 7)),
    Case(
        "a tenth on weekends only: their false alarms from the fifth month on", 36, some_on_weekends
    ),
    Case("14 days on, 14 off: false alarms", 536, lambda seed: habit(seed, 14, 28)),
    Case("holiday homes, 20 days in 90: false alarms", 354, lambda seed: habit(seed, 20, 90)),
    Case(
        "summer homes empty for four months: flagged the second year, %",
        15,
        partial(second_season, left=0.0),
    ),
    Case(
        "a quarter left for four months: flagged the second year, %",
        100,
        partial(second_season, left=0.25),
    ),
    Case("away 16 days, router off: at risk, %", 100, lambda seed: away(seed, 16, AT_RISK, 0.0)),
)
