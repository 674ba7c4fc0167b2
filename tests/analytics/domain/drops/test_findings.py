"""Tiers, what is told of them, and the numbers beside them."""

import numpy as np
import pytest

from services.analytics.domain.drops.findings import changes
from services.analytics.domain.drops.tiers import (
    AT_RISK,
    NAMES,
    NONE,
    WATCH,
    by_risk,
    risk,
    severity,
    tiers,
)
from tests.analytics.domain.arrays import DATE, settled


@pytest.mark.parametrize(
    ("known", "tier"),
    [
        pytest.param(settled(reporting_days=13), 0, id="learning"),
        pytest.param(settled(reporting_days=14), 1, id="none"),
        pytest.param(settled(alarm=1), 2, id="watch"),
        pytest.param(settled(alarm=2), 3, id="at risk: it has held"),
        pytest.param(settled(silent_days=13), 1, id="13 silent days"),
        pytest.param(settled(silent_days=14), 3, id="at risk: 14 silent days"),
        pytest.param(settled(silent_days=14, reporting_days=0), 0, id="never heard of"),
    ],
)
def test_tier(known, tier):
    assert tiers(known).tolist() == [tier]


@pytest.mark.parametrize(
    ("told", "known", "expected"),
    [
        pytest.param("none", settled(), None, id="nothing new"),
        pytest.param("none", settled(reporting_days=3), None, id="learning is none to others"),
        pytest.param("learning", settled(), None, id="and the other way"),
        pytest.param(
            "learning", settled(alarm=1), ("watch", "usage_drop"), id="learned, and dropped"
        ),
        pytest.param("none", settled(alarm=1), ("watch", "usage_drop"), id="a drop"),
        pytest.param("watch", settled(alarm=2), ("at_risk", "usage_drop"), id="it holds"),
        pytest.param(
            "none", settled(silent_days=14), ("at_risk", "device_unreachable"), id="unreachable"
        ),
        pytest.param("at_risk", settled(), ("none", "recovered"), id="recovered"),
        pytest.param("at_risk", settled(alarm=1), ("watch", "usage_drop"), id="reachable again"),
        pytest.param(
            "at_risk", settled(accepted=DATE), ("none", "level_changed"), id="a new level"
        ),
        pytest.param(
            "at_risk", settled(accepted=DATE - 3), ("none", "recovered"), id="an old new level"
        ),
    ],
)
def test_what_is_told(told, known, expected):
    before = np.array([NAMES.index(told)])
    found = changes(before, tiers(known), known, DATE)
    assert [(c.tier, c.why) for c in found] == ([] if expected is None else [expected])
    known_to_others = "none" if told == "learning" else told
    assert all(c.previous == known_to_others for c in found)


@pytest.mark.parametrize(
    ("recent", "usual", "expected"),
    [
        pytest.param(3.0, 3.0, 0.0, id="as usual"),
        pytest.param(0.9, 3.0, 0.7, id="30 % is left"),
        pytest.param(0.0, 3.0, 1.0, id="nothing is left"),
        pytest.param(9.0, 3.0, 0.0, id="more than usual"),
    ],
)
def test_severity(recent, usual, expected):
    assert severity(settled(recent=recent, usual=usual)) == pytest.approx([expected])


@pytest.mark.parametrize(
    ("known", "least", "most"),
    [
        pytest.param(settled(used_days=50, used_last=DATE), 0.02, 0.04, id="as usual"),
        pytest.param(settled(drop_stop=0.6, used_days=50, used_last=DATE), 0.2, 0.25, id="no tier"),
        pytest.param(settled(alarm=1, drop_part=0.8), 0.25, 0.26, id="watched for a small drop"),
        pytest.param(settled(alarm=2, drop_stop=0.99), 0.98, 1.0, id="stopped"),
        pytest.param(
            settled(silent_days=40, used_days=50, used_last=DATE - 60), 0.6, 0.7, id="unreachable"
        ),
        pytest.param(settled(reporting_days=5, used_days=3, used_last=DATE), 0, 0.04, id="new"),
    ],
)
def test_risk_is_a_stated_prior_within_the_bounds_of_the_tier(known, least, most):
    (found,) = risk(known, DATE).tolist()
    assert least <= found <= most


@pytest.mark.parametrize(
    ("before", "chance", "expected"),
    [
        pytest.param(NONE, 0.71, NONE, id="not yet"),
        pytest.param(NONE, 0.72, WATCH, id="watched"),
        pytest.param(WATCH, 0.9, AT_RISK, id="at risk"),
        pytest.param(AT_RISK, 0.73, AT_RISK, id="no flicker: still at risk"),
        pytest.param(AT_RISK, 0.71, WATCH, id="below: watched"),
        pytest.param(WATCH, 0.26, WATCH, id="no flicker: still watched"),
        pytest.param(WATCH, 0.24, NONE, id="below: nothing"),
    ],
)
def test_a_learned_risk_makes_the_tier_without_flicker(before, chance, expected):
    found = by_risk(np.array([chance]), settled(), np.array([before]))
    assert found.tolist() == [expected]
