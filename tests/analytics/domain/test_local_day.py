"""Local days over clock changes, closing times, lateness."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.analytics.domain.local_day import closes_at, ends_at, lateness, zone_of, zones_on

BERLIN = {"Europe/Berlin": None}


@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        pytest.param("UTC", date(2026, 3, 1), datetime(2026, 3, 2, tzinfo=UTC), id="UTC"),
        pytest.param(
            "Europe/Berlin", date(2026, 3, 28), datetime(2026, 3, 28, 23, tzinfo=UTC), id="winter"
        ),
        pytest.param(
            "Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC), id="23 hours"
        ),
        pytest.param(
            "Europe/Berlin",
            date(2026, 10, 25),
            datetime(2026, 10, 25, 23, tzinfo=UTC),
            id="25 hours",
        ),
        pytest.param(
            "Asia/Tokyo", date(2026, 3, 1), datetime(2026, 3, 1, 15, tzinfo=UTC), id="east"
        ),
        pytest.param("Mars/Base", date(2026, 3, 1), datetime(2026, 3, 2, tzinfo=UTC), id="unknown"),
    ],
)
def test_when_a_local_day_ends(zone, day, ends):
    assert ends_at(zone, day) == ends


def test_an_hour_that_comes_twice_is_one_local_hour_of_one_day():
    twice = [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]
    local = [at.astimezone(zone_of("Europe/Berlin")) for at in twice]
    assert {(at.date(), at.hour) for at in local} == {(date(2026, 10, 25), 2)}


def test_a_region_closes_six_hours_after_its_westernmost_midnight():
    zones = ["Europe/Berlin", "America/New_York"]
    assert closes_at(zones, date(2026, 6, 1)) == datetime(2026, 6, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "late"),
    [
        pytest.param(timedelta(0), 0, id="at the closing"),
        pytest.param(timedelta(microseconds=1), 1, id="just after it"),
        pytest.param(timedelta(days=1), 1, id="at the next closing"),
        pytest.param(timedelta(days=1, microseconds=1), 2, id="after the next closing"),
        pytest.param(timedelta(days=2), 2, id="48 hours"),
        pytest.param(timedelta(days=2, microseconds=1), 3, id="past 48 hours"),
        pytest.param(timedelta(days=300), 3, id="long past"),
    ],
)
def test_lateness(after, late):
    day = date(2026, 6, 1)
    closing = datetime(2026, 6, 2, 4, tzinfo=UTC)  # 06:00 in Berlin
    assert lateness(closing + after, day, BERLIN) == late


def test_a_zone_counts_from_its_day_on():
    zones = {"Europe/Berlin": None, "America/New_York": "2026-06-05"}
    assert zones_on(zones, date(2026, 6, 4)) == ["Europe/Berlin"]
    assert zones_on(zones, date(2026, 6, 5)) == ["Europe/Berlin", "America/New_York"]
    assert zones_on({}, date(2026, 6, 5)) == ["UTC"]
