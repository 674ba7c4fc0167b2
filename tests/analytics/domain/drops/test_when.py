"""From when a customer can be judged, and how long a stop takes to show."""

from datetime import date

import pytest

from services.analytics.domain.drops.when import judged_from, stop_shows_after

DAY = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(0, date(2026, 6, 24), id="the first closed day did not count"),
        pytest.param(13, date(2026, 6, 11), id="tomorrow"),
        pytest.param(14, None, id="now"),
    ],
)
def test_judged_from(known, expected):
    assert judged_from(DAY, known) == expected


def test_who_uses_more_is_named_sooner_and_who_hardly_uses_never():
    often, daily, weekly = (stop_shows_after(uses, 3.0) for uses in (5.0, 1.0, 1 / 7))
    assert max(often, daily) < weekly
    assert 14 <= daily <= 25
    assert stop_shows_after(0.01, 3.0) is None
