"""First steps are ticked off by what there is."""

import pytest

from services.console.domain.pages.today.first_steps import FirstSteps


@pytest.mark.parametrize(
    ("found", "is_empty", "done"),
    [
        pytest.param(FirstSteps(0, 0, 0, people=False), True, False, id="nothing"),
        pytest.param(FirstSteps(1, 0, 0, people=True), True, False, id="registered, not heard"),
        pytest.param(FirstSteps(1, 1, 0, people=True), False, False, id="heard"),
        pytest.param(FirstSteps(0, 0, 5, people=True), False, False, id="customers"),
        pytest.param(FirstSteps(1, 1, 5, people=False), False, False, id="alone"),
        pytest.param(FirstSteps(1, 1, 5, people=True), False, True, id="all"),
    ],
)
def test_what_is_left(found, is_empty, done):
    assert (found.is_empty, found.done) == (is_empty, done)
