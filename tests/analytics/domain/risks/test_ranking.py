"""Whom the learned risk puts first: who has dropped above who has not."""

from dataclasses import replace

import pytest

from tests.analytics.ranking import ranking
from tests.analytics.simulator import Settings, simulate

PLAIN = Settings(customers=1_500)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "least"),
    [
        pytest.param(PLAIN, 0.925, id="plain"),
        pytest.param(replace(PLAIN, vacations=0.04), 0.90, id="vacations 4 % a month"),
    ],
)
def test_who_dropped_within_sixty_days_stands_above_who_did_not(settings, least):
    found = ranking(simulate(replace(settings, seed=31)), 135)
    assert found.ranks >= least
