"""Tiers, what is told of them, and the numbers beside them."""

import numpy as np
import pytest

from services.analytics.domain.findings import changes
from services.analytics.domain.tiers import risk, severity, tiers
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
    found = [(c.tier, c.why) for c in changes([told], known, DATE)]
    assert found == ([] if expected is None else [expected])
    assert all(c.previous == told for c in changes([told], known, DATE))


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


def test_risk_before_labels():
    # r = 1 - (1 - 0.03) * (1 - 0.5 * 0.8 * 0.5) = 0.224
    known = settled(drop_most=0.8, recent=1.5, usual=3.0)
    assert risk(known) == pytest.approx([0.224])
    assert risk(settled()) == pytest.approx([0.03])
    assert np.all(risk(settled(drop_stop=0.9999, recent=0.0)) < 0.52)
