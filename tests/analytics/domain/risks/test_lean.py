"""A head leans on recency where what else it knows has misled it before."""

import numpy as np
import pytest

from services.analytics.domain.risks.features import NAMES
from services.analytics.domain.risks.head import Head
from services.analytics.domain.risks.lean import RECENCY, Pair, choose, enough
from services.analytics.domain.risks.lessons import Lesson
from services.analytics.domain.risks.prior import Prior

OTHER = NAMES.index("regularity")


def lessons(*, other, days=(100, 140, 180, 220, 260), n=1_500):
    """Silence follows recency; one more column says as much more, or turns its sign every time."""
    made = []
    for i, day in enumerate(days):
        rng = np.random.default_rng(day)
        rows = np.zeros((n, len(NAMES)))
        rows[:, RECENCY[0]], rows[:, OTHER] = rng.normal(size=(2, n))
        sign = 1.0 if other == "says more" else (-1.0) ** i
        odds = rows[:, RECENCY[0]] + 1.5 * sign * rows[:, OTHER]
        silent = rng.random(n) < 1.0 / (1.0 + np.exp(-odds))
        made.append(Lesson(day, 40, rows, silent))
    return made


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        pytest.param("says more", 0.0, 0.0, id="what else is known helps"),
        pytest.param("misleads", 0.5, 1.0, id="it held on no later day"),
    ],
)
def test_it_leans_as_far_as_earlier_days_say(other, least, most):
    assert least <= choose(lessons(other=other)) <= most


def test_leaning_altogether_is_recency_alone():
    some = lessons(other="misleads")
    pair = Pair.fit(some)
    rows = some[0].features
    assert np.allclose(pair.likely(rows, 1.0), pair.recency.likely(rows[:, RECENCY]))
    assert np.allclose(pair.likely(rows, 0.0), pair.whole.likely(rows))


def test_a_head_keeps_its_lean_and_is_judged_with_one_that_was_known_then():
    head = Head.fit(Prior(), lessons(other="misleads"))
    assert head.lean >= 0.5
    assert head.recency is not None
    assert head.graded[0].measures.auc > 0.65


def test_nothing_to_compare_with_does_not_lean():
    one = lessons(other="misleads", days=(100,))
    assert enough(one)
    assert choose(one) == 0.0
