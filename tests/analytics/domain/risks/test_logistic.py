"""A regression learns what two numbers say together, and reads what was kept before it could."""

import msgspec
import numpy as np
import pytest

from services.analytics.domain.risks.logistic import Logistic
from services.analytics.domain.risks.measures import auc


def told(seed, n=4_000):
    """What comes follows from whether two numbers agree, and from a third alone."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 4))
    odds = 2.0 * rows[:, 0] * rows[:, 1] + 0.3 * rows[:, 3]
    return rows, rng.random(n) < 1.0 / (1.0 + np.exp(-odds))


def test_what_two_numbers_say_together_is_learned():
    rows, came = told(1)
    later, then = told(2)
    alone = Logistic.fit(rows, came)
    together = Logistic.fit(rows, came, (0, 1))
    assert len(together.weights) == len(alone.weights) + 3
    assert auc(alone.likely(later), then) < 0.6
    assert auc(together.likely(later), then) > 0.8
    assert together.likely(later).mean() == pytest.approx(then.mean(), abs=0.02)


def test_one_kept_by_an_earlier_release_says_the_same():
    rows, came = told(1)
    model = Logistic.fit(rows, came)
    kept = msgspec.to_builtins(model)
    del kept["crossed"]
    again = msgspec.convert(kept, Logistic)
    assert np.array_equal(again.likely(rows), model.likely(rows))


def test_a_number_far_off_counts_no_further():
    model = Logistic.fit(*told(1), (0, 1))
    far, further = np.zeros((2, 1, 4))
    far[0, 0], further[0, 0] = 50.0, 5_000.0
    assert model.odds(far) == model.odds(further)
