"""How well the risk ranks who has dropped above who has not, on a simulated fleet."""

from dataclasses import dataclass

import numpy as np

from services.analytics.domain.days.close import Roll, step
from services.analytics.domain.drops.day import Day
from services.analytics.domain.drops.state import States
from services.analytics.domain.risks.learning import learn, planned, refits, remembers
from services.analytics.domain.risks.lessons import Snapshot
from services.analytics.domain.risks.measures import Measures
from services.analytics.domain.risks.prior import Prior, Seen
from services.analytics.domain.risks.rating import HORIZONS, rate
from tests.analytics.simulator import MONDAY, Fleet

RECENT = 60  # days since a drop that count


@dataclass(frozen=True)
class Ranking:
    """Of one day of a fleet.

    Attributes:
        ranks: chance that one who has dropped lately is above one who has not.
        prior_ranks: the same by the stated prior.
        came: what the risk came to: dropped for good, or no use within 30 days.
    """

    ranks: float
    prior_ranks: float
    came: Measures


def ranking(fleet: Fleet, at: int) -> Ranking:
    """Close the fleet's days up to `at`, learn as a region does, and compare with what was true."""
    n = len(fleet.start)
    states, frozen, fitted = States.new(n), {}, None
    roll = Roll.of_customers([f"cohort-{c}" for c in fleet.cohort])
    kept: dict[int, States] = {}
    for t in range(at):
        frozen, _ = step(states, _day(fleet, t), roll, frozen)
        day = MONDAY + t
        if refits(day, None if fitted is None else fitted.day):
            wanted = planned(sorted(kept), day)
            snapshots = [_snapshot(fleet, one, kept[one], t) for one in wanted]
            fitted = learn(snapshots, wanted, Prior.fit(Seen.of(states, day)), day) or fitted
        if remembers(day):
            kept[day] = states.take(np.arange(n))
    day = MONDAY + at - 1
    none = np.zeros(n, dtype=np.int64)
    told, prior = rate(fitted, states, day, none), rate(None, states, day, none)
    dropped = (fleet.drop >= 0) & (fleet.drop < at) & (fleet.drop >= at - RECENT)
    healthy = (fleet.drop < 0) | (fleet.drop >= at)
    known = (states.reporting_days >= 14) & (dropped | healthy)
    silent = fleet.uses[:, at : at + HORIZONS[0]].sum(axis=1) == 0.0
    gone = (fleet.drop >= 0) & (fleet.drop < at)
    used = states.used_days > 0
    return Ranking(
        ranks=_auc(told.risk, dropped, known),
        prior_ranks=_auc(prior.risk, dropped, known),
        came=Measures.of(told.risk[used], (silent | gone)[used]),
    )


def posterior_ranks(fleet: Fleet, posterior: np.ndarray, at: int) -> float:
    """How often a posterior puts who has dropped lately above who has not."""
    dropped = (fleet.drop >= 0) & (fleet.drop < at) & (fleet.drop >= at - RECENT)
    healthy = (fleet.drop < 0) | (fleet.drop >= at)
    return _auc(posterior[:, at - 1], dropped, dropped | healthy)


def _auc(risk: np.ndarray, dropped: np.ndarray, known: np.ndarray) -> float:
    found = Measures.of(risk[known], dropped[known]).auc
    return float("nan") if found is None else found


def _day(fleet: Fleet, t: int) -> Day:
    n = len(fleet.start)
    return Day(
        date=MONDAY + t,
        uses=fleet.uses[:, t],
        coverage=fleet.coverage[:, t],
        member=fleet.start < t,
        expects=np.ones(n, dtype=bool),
        waiting=np.zeros(n, dtype=bool) if fleet.waiting is None else fleet.waiting[:, t],
        counts=fleet.start <= t,
    )


def _snapshot(fleet: Fleet, day: int, states: States, known: int) -> Snapshot:
    used = np.flatnonzero(states.used_days > 0)
    later = fleet.uses[used, day - MONDAY + 1 : known + 1] > 0.0
    first = day + 1 + later.argmax(axis=1)
    return Snapshot(day, states.take(used), np.where(later.any(axis=1), first, 0))
