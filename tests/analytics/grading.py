"""Runs the detector over a simulated fleet and grades its flags against the truth."""

from dataclasses import dataclass

import numpy as np

from services.analytics.domain.days.close import Roll, step
from services.analytics.domain.drops.cohort import CohortDay
from services.analytics.domain.drops.day import Day
from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.state import States
from services.analytics.domain.drops.tiers import WATCH, tiers
from tests.analytics.simulator import MONDAY, Fleet

COUNTS_FOR = 45  # days after the drop within which a flag is true
QUIET = 30  # days between two flags of one customer


@dataclass(frozen=True)
class Run:
    """What the detector said on each day; shapes (customers, days)."""

    tier: np.ndarray
    posterior: np.ndarray
    reporting: np.ndarray
    states: States
    cohorts: list[dict[str, CohortDay]]


@dataclass(frozen=True)
class Grade:
    """One tier's marks; `false_alarms` per 1,000 healthy customer-months (before any drop).

    A flag later than 45 days after a drop counts against precision, not as a false alarm.
    """

    recall: float
    precision: float
    delay: float
    false_alarms: float
    stops: float
    drops: int
    flags: int


def run(fleet: Fleet, p: Parameters = STANDARD) -> Run:
    """Close every day of the fleet in turn, as the closer does."""
    n, days = fleet.uses.shape
    states, frozen = States.new(n), {}
    cohorts = [f"cohort-{c}" for c in fleet.cohort]
    roll = Roll.of_customers(cohorts)
    tier, posterior, reporting = (np.zeros((n, days)) for _ in range(3))
    history = []
    for t in range(days):
        day = Day(
            date=MONDAY + t,
            uses=fleet.uses[:, t],
            coverage=fleet.coverage[:, t],
            member=fleet.start < t,
            expects=np.ones(n, dtype=bool),
            waiting=np.zeros(n, dtype=bool) if fleet.waiting is None else fleet.waiting[:, t],
            counts=fleet.start <= t,
        )
        if fleet.firmware is not None:
            roll = Roll.of_customers(cohorts, fleet.firmware[:, t].tolist())
        frozen, _ = step(states, day, roll, frozen, p)
        history.append(frozen)
        tier[:, t] = tiers(states, p)
        posterior[:, t] = states.posterior
        reporting[:, t] = states.reporting_days
    return Run(tier, posterior, reporting, states, history)


def flags(on: np.ndarray) -> list[tuple[int, int]]:
    """(customer, day) where a tier is entered, at most one per customer in 30 days."""
    entered = on & ~np.pad(on, ((0, 0), (1, 0)))[:, :-1]
    found: list[tuple[int, int]] = []
    for customer, day in np.argwhere(entered):
        if not found or found[-1][0] != customer or day - found[-1][1] >= QUIET:
            found.append((int(customer), int(day)))
    return found


def grade(fleet: Fleet, run: Run, least: int = WATCH) -> Grade:
    """Grade the tier `least` and above."""
    drop = fleet.drop
    had = run.reporting[np.arange(len(drop)), np.maximum(drop - 1, 0)]
    judged = (drop >= 0) & (had >= STANDARD.learning)
    left_out = (drop >= 0) & ~judged
    hits: dict[int, int] = {}
    false = late = 0
    for customer, day in flags(run.tier >= least):
        since = day - drop[customer]
        if judged[customer] and 0 <= since <= COUNTS_FOR:
            hits.setdefault(customer, since)
        elif judged[customer] and since > COUNTS_FOR:
            late += 1
        elif not left_out[customer]:
            false += 1
    stops = judged & (fleet.kind == "stop")
    days = fleet.uses.shape[1]
    healthy = np.where(drop >= 0, drop, days) - fleet.start - STANDARD.learning
    months = np.maximum(healthy, 0).sum() / 30.0
    return Grade(
        recall=len(hits) / max(int(judged.sum()), 1),
        precision=len(hits) / max(len(hits) + false + late, 1),
        delay=float(np.median(list(hits.values()))) if hits else float("nan"),
        false_alarms=1000.0 * false / months,
        stops=sum(stops[c] for c in hits) / max(int(stops.sum()), 1),
        drops=int(judged.sum()),
        flags=len(hits) + false + late,
    )


def by_kind(fleet: Fleet, run: Run, least: int = WATCH) -> dict[str, np.ndarray]:
    """Kind of drop -> how many were flagged within 45 days, of how many."""
    hit = {
        customer
        for customer, day in flags(run.tier >= least)
        if 0 <= day - fleet.drop[customer] <= COUNTS_FOR and fleet.drop[customer] >= 0
    }
    dropped = np.flatnonzero(fleet.drop >= 0).tolist()
    return {
        str(kind): np.array(
            [
                sum(fleet.kind[c] == kind and c in hit for c in dropped),
                sum(fleet.kind[c] == kind for c in dropped),
            ]
        )
        for kind in sorted({fleet.kind[c] for c in dropped})
    }


def calibration(
    fleet: Fleet, run: Run, bins: int = 10
) -> tuple[float, list[tuple[float, float, int]]]:
    """Expected calibration error of the posterior and (mean p, observed, count) per bin."""
    t = np.arange(fleet.uses.shape[1])[None, :]
    dropped = (fleet.drop[:, None] >= 0) & (t >= fleet.drop[:, None])
    recent = ~dropped | (t - fleet.drop[:, None] <= 60)
    valid = (
        recent
        & (run.reporting >= STANDARD.learning)
        & (run.reporting > np.pad(run.reporting, ((0, 0), (1, 0)))[:, :-1])
    )
    p, truth = run.posterior[valid], dropped[valid]
    index = np.minimum((p * bins).astype(int), bins - 1)
    table = [
        (float(p[index == b].mean()), float(truth[index == b].mean()), int((index == b).sum()))
        for b in range(bins)
        if (index == b).any()
    ]
    return sum(abs(m - o) * c for m, o, c in table) / len(p), table
