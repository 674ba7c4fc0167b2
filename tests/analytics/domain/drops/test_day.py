"""Which days say something about use: the mask."""

import numpy as np
import pytest

from services.analytics.domain.drops.day import can_be_judged, next_coverage
from tests.analytics.domain.arrays import day, settled


@pytest.mark.parametrize(
    ("usual_coverage", "seen", "judged"),
    [
        pytest.param(1.0, day(uses=0, coverage=1.0), True, id="heartbeats, no use: a quiet day"),
        pytest.param(1.0, day(uses=0, coverage=0.5), True, id="half of the heartbeats"),
        pytest.param(1.0, day(uses=0, coverage=0.49), False, id="fewer than half"),
        pytest.param(1.0, day(uses=0, coverage=0), False, id="router outage: not a quiet day"),
        pytest.param(1.0, day(uses=3, coverage=0), True, id="as much use as ever, no heartbeat"),
        pytest.param(1.0, day(uses=2, coverage=0), False, id="less use, the rest may be held back"),
        pytest.param(2.0, day(uses=0, coverage=1.0), True, id="one of two devices"),
        pytest.param(3.0, day(uses=0, coverage=1.0), False, id="one of three devices"),
        pytest.param(0.0, day(uses=0, coverage=0), True, id="app only: every day counts"),
        pytest.param(1.0, day(uses=0, coverage=0, expects=False), True, id="device given away"),
        pytest.param(1.0, day(member=False), False, id="not yet a customer"),
    ],
)
def test_what_can_be_judged(usual_coverage, seen, judged):
    known = settled(coverage=usual_coverage)
    assert can_be_judged(known, seen, np.array([3.0])).tolist() == [judged]


@pytest.mark.parametrize(
    ("usual", "seen", "after"),
    [
        pytest.param(0.0, 0.75, 0.75, id="the first heartbeats"),
        pytest.param(1.0, 0.0, 1.0, id="silence does not lower it"),
        pytest.param(2.0, 1.0, 1.8, id="one of two is gone: a fifth of the way"),
        pytest.param(1.0, 40.0, 1.4, id="a flapping day counts as three days at most"),
    ],
)
def test_usual_coverage(usual, seen, after):
    assert next_coverage(settled(coverage=usual), day(uses=0, coverage=seen)) == pytest.approx(
        [after]
    )


def test_heartbeats_that_end_while_uses_go_on_are_forgotten():
    known = settled()
    for _ in range(15):
        known = settled(coverage=next_coverage(known, day(uses=2, coverage=0.0))[0])
    assert can_be_judged(known, day(uses=0, coverage=0.0), np.array([3.0])).all()


def test_one_flapping_day_does_not_mask_the_next():
    flapped = settled(coverage=next_coverage(settled(), day(coverage=40.0))[0])
    assert can_be_judged(flapped, day(uses=0, coverage=1.0), np.array([3.0])).all()
