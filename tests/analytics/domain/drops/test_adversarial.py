"""What an early detector got wrong stays mended; `make bench-science` has every case."""

import pytest

from tests.analytics.adversarial import CASES

MENDED = (
    "stopped, 66 days later",
    "a cohort silent for 20 days",
    "exchange with a gap of 20 days",
    "weekends only",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("begins", "most"),
    [
        pytest.param("away 7 days", 23, id="of a fleet that never went away: half of it was"),
        pytest.param("summer homes", 10, id="last year's empty weeks are no drop"),
        pytest.param("a quarter left", 50, id="nor is what a season left last year"),
        pytest.param("a tenth on weekends only", 45, id="their own weekdays are known by then"),
        pytest.param(
            "holiday homes", 240, id="the first absence of two is flagged, not the second"
        ),
    ],
)
def test_what_is_learned_of_each_customer_is_flagged_less(begins, most):
    (case,) = [case for case in CASES if case.says.startswith(begins)]
    assert case.now(21) <= most


@pytest.mark.slow
@pytest.mark.parametrize("begins", MENDED)
def test_a_mended_case_is_at_most_a_fifth_of_what_it_was(begins):
    (case,) = [case for case in CASES if case.says.startswith(begins)]
    assert case.now(21) <= 0.2 * case.before
