"""Local days over clock changes, closing times, and from which day news count."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.analytics.domain.days.local_day import (
    DAY,
    closed_by,
    closes_at,
    counts_from,
    ends_at,
    known_until,
    moment_of,
    quarter_after,
    quarter_of,
    zones_on,
)


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


def test_a_region_closes_six_hours_after_its_westernmost_midnight():
    zones = ["Europe/Berlin", "America/New_York"]
    assert closes_at(zones, date(2026, 6, 1)) == datetime(2026, 6, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Etc/GMT+12"])
@pytest.mark.parametrize("minute", range(0, 24 * 60, 45))
def test_news_count_for_no_day_that_closes_before_them(zone, minute):
    told = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=minute)
    day = counts_from(told)
    assert closes_at([zone], day) > told
    assert known_until(day - DAY) <= told < known_until(day)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Etc/GMT+12"])
def test_every_zone_has_closed_by_then(zone):
    assert closes_at([zone], date(2026, 6, 1)) <= closed_by(date(2026, 6, 1))


@pytest.mark.parametrize(
    ("at", "down", "up"),
    [
        pytest.param(900.0, 1, 1, id="on the quarter"),
        pytest.param(900.5, 1, 2, id="just after"),
        pytest.param(1799.0, 1, 2, id="just before the next"),
    ],
)
def test_quarters(at, down, up):
    moment = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(seconds=at)
    start = quarter_of(datetime(2026, 6, 1, tzinfo=UTC))
    assert (quarter_of(moment) - start, quarter_after(moment) - start) == (down, up)
    assert moment_of(start + 1) == datetime(2026, 6, 1, 0, 15, tzinfo=UTC)


def test_a_zone_counts_from_its_day_on():
    zones = {"Europe/Berlin": None, "America/New_York": "2026-06-05"}
    assert zones_on(zones, date(2026, 6, 4)) == ["Europe/Berlin"]
    assert zones_on(zones, date(2026, 6, 5)) == ["Europe/Berlin", "America/New_York"]
    assert zones_on({}, date(2026, 6, 5)) == ["UTC"]
