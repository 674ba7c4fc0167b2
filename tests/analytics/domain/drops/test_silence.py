"""When a small cohort that falls silent is an outage of collection."""

from dataclasses import replace

import numpy as np
import pytest

from services.analytics.domain.drops.cohort import START, CohortDay
from services.analytics.domain.drops.silence import LONGEST, silent_cohort
from tests.analytics.domain.arrays import day, states

QUIET = CohortDay(outage=True, shares=(0.0,))


def asked(n=5, *, heard_of=0, used_by=0, unheard_before=0, before=None):
    """A cohort of `n`; the first are heard, use something, or were not heard before."""
    known = states(n, coverage=1.0, reporting_days=40)
    known = replace(known, silent_days=np.arange(n) < unheard_before)
    today = day(uses=0, coverage=0.0, n=n)
    judged = np.arange(n) < heard_of
    today = replace(today, uses=(np.arange(n) < used_by).astype(float))
    return silent_cohort(before, known, today, judged, np.arange(n))


@pytest.mark.parametrize(
    ("given", "outage"),
    [
        pytest.param({}, True, id="all five"),
        pytest.param({"n": 4}, False, id="four may be chance"),
        pytest.param({"n": 6, "heard_of": 1}, False, id="one is heard"),
        pytest.param({"used_by": 1}, False, id="one uses it"),
        pytest.param({"unheard_before": 1}, False, id="one was silent before: four fell silent"),
        pytest.param({"before": QUIET}, True, id="goes on"),
        pytest.param({"before": START}, True, id="was frozen before"),
        pytest.param(
            {"before": replace(QUIET, shares=(0.0,) * (LONGEST - 1))}, True, id="its last day"
        ),
        pytest.param({"before": replace(QUIET, shares=(0.0,) * LONGEST)}, False, id="too long"),
        pytest.param({"before": QUIET, "heard_of": 1}, False, id="over: one is heard again"),
    ],
)
def test_a_cohort_that_falls_silent(given, outage):
    found = asked(**given)
    assert (found is not None and found.outage) is outage


def test_a_long_silence_is_remembered_until_somebody_is_heard():
    long = CohortDay(shares=(0.0,) * LONGEST)
    assert asked(before=long, unheard_before=5) == long
    assert asked(before=long, unheard_before=5, heard_of=1) is None
