"""The drop detector against the truth: the gates of science.md 2.2, and two harder fleets.

Bounded: 1,500 customers of 180 days per fleet and seed. docs/decisions/0004 has the full table.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from services.analytics.domain.drops.state import COLUMNS
from services.analytics.domain.drops.tiers import AT_RISK, WATCH, severity
from tests.analytics.grading import calibration, grade, run
from tests.analytics.simulator import Settings, simulate

PLAIN = Settings(customers=1_500)
VACATIONS = replace(PLAIN, vacations=0.04)
OTHER_FAMILY = replace(PLAIN, log_normal=True)
YOUNG = Settings(
    customers=1_000,
    days=90,
    cohorts=12,
    mean_uses=2.1,
    rate_spread=0.6,
    kinds=(0.72, 0.11, 0.06, 0.11),  # novelty and stop 13, decline 5 of 18 (tools/fleet/personas)
    drops=0.18,
    vacations=0.01,
    app_only=0.03,
    app_too=0.65,
    staggered=20,
    launch=0.05,
    first_drop=16,
    last_drop=20,
)


@cache
def played(settings, seed):
    fleet = simulate(replace(settings, seed=seed))
    return fleet, run(fleet)


def marks(settings, least=WATCH, seeds=(1, 2)):
    """Means over the seeds."""
    grades = [grade(*played(settings, seed), least) for seed in seeds]
    names = ("recall", "precision", "delay", "false_alarms", "stops")
    return {name: float(np.mean([getattr(g, name) for g in grades])) for name in names}


@pytest.mark.slow
def test_watch_tier_meets_its_gates():
    seen = marks(PLAIN)
    assert seen["false_alarms"] <= 7
    assert seen["recall"] >= 0.82
    assert seen["stops"] >= 0.95
    assert seen["precision"] >= 0.8
    assert seen["delay"] <= 15  # of two seeds; of five it is 14


@pytest.mark.slow
def test_watch_tier_outlives_vacations():
    seen = marks(VACATIONS)
    assert seen["false_alarms"] <= 6
    assert seen["recall"] >= 0.83
    assert seen["precision"] >= 0.78


@pytest.mark.slow
def test_customers_have_weekdays_of_their_own():
    """Drops to half were found half as often before they were known."""
    seen = marks(replace(PLAIN, own_weekdays=0.7), seeds=(1,))
    assert seen["recall"] >= 0.83
    assert seen["precision"] >= 0.78
    assert seen["delay"] <= 18.5


@pytest.mark.slow
@pytest.mark.parametrize("drops", [0.02, 0.06])
def test_the_posterior_is_a_probability_where_drops_are_rare(drops):
    error, _ = calibration(*played(replace(VACATIONS, drops=drops), 1))
    assert error <= 0.03


@pytest.mark.slow
def test_at_risk_tier_outlives_vacations():
    seen = marks(VACATIONS, AT_RISK, seeds=(1,))
    assert seen["false_alarms"] <= 6
    assert seen["recall"] >= 0.65


@pytest.mark.slow
def test_the_posterior_is_a_probability():
    for seed in (1, 2):
        error, _ = calibration(*played(PLAIN, seed))
        assert error <= 0.03


@pytest.mark.slow
def test_a_fleet_of_another_family():
    """Log-normal with autocorrelation: not graded with the detector's own assumptions only."""
    seen = marks(OTHER_FAMILY, seeds=(1, 2))
    assert seen["recall"] >= 0.82
    assert seen["precision"] >= 0.77
    assert seen["false_alarms"] <= 7


@pytest.mark.slow
def test_why_hours_are_counted_and_not_uses():
    """Three uses a session: raw counts look like drops, hours with use do not."""
    raw = marks(replace(PLAIN, hours=False, per_session=2.0), seeds=(1,))
    assert raw["false_alarms"] > 4 * marks(PLAIN, seeds=(1,))["false_alarms"]


@pytest.mark.slow
def test_young_baselines_are_good_enough_for_the_demo():
    """Ninety days, customers joining, drops from 16 days after the start on, vacations."""
    seen = marks(YOUNG, seeds=(1, 2))
    assert seen["recall"] >= 0.75
    assert seen["precision"] >= 0.70


@pytest.mark.slow
def test_a_second_run_has_the_same_bits():
    fleet, first = played(PLAIN, 1)
    again = run(fleet)
    for name in COLUMNS:
        assert getattr(first.states, name).tobytes() == getattr(again.states, name).tobytes()


def test_a_global_outage_raises_no_alarms():
    """On the days when everybody uses less, nobody is singled out more than on other days."""
    _, result = played(PLAIN, 1)
    low = [t for t, c in enumerate(result.cohorts) if t > 30 and c[""].dropped]
    assert low
    entered = np.diff((result.tier >= WATCH).astype(int), axis=1) > 0
    on_low = np.mean([entered[:, t - 1].sum() for t in low])
    assert on_low <= entered[:, 30:].sum(axis=0).mean() + 2


@pytest.mark.slow
def test_severity_is_near_the_truth_three_weeks_after():
    fleet = simulate(replace(PLAIN, days=120, last_drop=22, first_drop=97, lost_heartbeat=0.0))
    result = run(fleet)
    found = {
        kind: float(np.median(severity(result.states)[(fleet.kind == kind) & (fleet.drop >= 0)]))
        for kind in ("stop", "most", "half")
    }
    assert found["stop"] == pytest.approx(0.95, abs=0.07)
    assert found["most"] == pytest.approx(0.68, abs=0.12)
    assert found["half"] == pytest.approx(0.48, abs=0.17)
