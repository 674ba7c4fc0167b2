"""The demo's fleet in process is what its households did."""

import numpy as np

from tests.analytics.lived_fleet import fleet


def test_a_long_history_has_all_that_a_day_is_judged_by():
    lived = fleet(12, 400, 3)
    assert lived.uses.shape == lived.coverage.shape == lived.waiting.shape == (12, 400)
    assert lived.uses.max() <= 24
    assert np.median(lived.coverage[lived.coverage > 0]) >= 0.75
    dropped = lived.drop >= 0
    assert (lived.kind != "").tolist() == dropped.tolist()
    assert all(lived.uses[n, : lived.start[n]].sum() == 0 for n in range(12))
