"""When a fault flaps, when the history says so, and when it is over."""

import pytest

from services.support.domain.faults import flapping
from tests.support.build import HOUR, SECOND, at


def after(*minutes):
    state = flapping.NOT_FLAPPING
    for minute in minutes:
        state = flapping.recovered(state, at(minute))
    return state


@pytest.mark.parametrize(
    ("minutes", "flaps"),
    [
        pytest.param((0, 30), False, id="two cycles"),
        pytest.param((0, 30, 60), True, id="three in exactly 60 minutes"),
        pytest.param((0, 30, 60.1), False, id="the first is too old"),
        pytest.param((0, 30, 61, 62), True, id="the last three count"),
    ],
)
def test_three_recoveries_in_an_hour_are_flapping(minutes, flaps):
    assert (after(*minutes).since is not None) is flaps


def test_since_is_the_third_recovery_and_stays():
    assert after(0, 10, 20, 30).since == at(20)


def test_calm_counts_from_the_last_change():
    state = after(0, 10, 20)
    assert state.calm_at == at(20) + 2 * HOUR
    assert flapping.returned(state, at(50)).calm_at == at(50) + 2 * HOUR
    assert flapping.returned(flapping.NOT_FLAPPING, at(50)).calm_at is None


def test_one_note_an_hour():
    state = after(0, 10, 20)
    assert flapping.note_due(state, at(20))
    state = flapping.noted(state, at(20))
    assert not flapping.note_due(state, at(80) - SECOND)
    assert flapping.note_due(state, at(80))
    assert not flapping.note_due(flapping.NOT_FLAPPING, at(0))


def test_recent_recoveries_outlive_the_end():
    state = flapping.ended(after(0, 10, 20))
    assert state.since is None
    assert flapping.recovered(state, at(30)).since == at(30)
