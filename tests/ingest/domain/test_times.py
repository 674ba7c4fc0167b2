"""When was it: both sides of every edge."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.ingest.domain.times import correct

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("at", "sent", "expected"),
    [
        pytest.param(NOW - HOUR, None, NOW - HOUR, id="no sent: at stands"),
        pytest.param(NOW - HOUR, NOW, NOW - HOUR, id="a right clock"),
        pytest.param(NOW - 10 * DAY, NOW, NOW - 10 * DAY, id="ten days of router outage"),
        pytest.param(NOW + 4 * MINUTE, NOW + 5 * MINUTE, NOW + 4 * MINUTE, id="5 min ahead"),
        pytest.param(NOW + 4 * MINUTE, NOW + 5 * MINUTE + SECOND, NOW - MINUTE - SECOND, id="more"),
        pytest.param(NOW - DAY, NOW - DAY, NOW - DAY, id="24 h behind"),
        pytest.param(NOW - DAY - HOUR, NOW - DAY - SECOND, NOW - HOUR + SECOND, id="more behind"),
        pytest.param(datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, 1, tzinfo=UTC), NOW - HOUR, id="clock never set"),
        pytest.param(NOW - 400 * DAY, NOW, NOW - 400 * DAY, id="400 days old"),
        pytest.param(NOW - 400 * DAY - SECOND, NOW, None, id="older"),
        pytest.param(NOW + DAY, None, NOW + DAY, id="24 h ahead, no sent"),
        pytest.param(NOW + DAY + SECOND, None, None, id="further ahead"),
        pytest.param(datetime(9999, 12, 31, tzinfo=UTC), None, None, id="year 9999"),
        pytest.param(datetime(1, 1, 1, tzinfo=UTC), None, None, id="year 1"),
        pytest.param(NOW, datetime(9999, 12, 31, tzinfo=UTC), None, id="sent in 9999"),
        pytest.param(NOW, datetime(1, 1, 1, tzinfo=UTC), None, id="sent in year 1"),
        pytest.param(datetime(9999, 12, 30, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), NOW - DAY, id="clock in 9999"),
        pytest.param(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), None, id="year 1, east"),
    ],
)  # fmt: skip
def test_the_moment(at, sent, expected):
    found = correct(at, sent, NOW)
    assert (None if found is None else found.at) == expected
    if found is not None:
        assert found.raw_at == (None if found.at == at else at)


def test_late_is_more_than_a_day_before_it_was_received():
    assert not correct(NOW - DAY, NOW, NOW).late
    assert correct(NOW - DAY - SECOND, NOW, NOW).late


def test_the_moment_is_in_utc():
    east = timezone(timedelta(hours=5))
    found = correct(NOW.astimezone(east), None, NOW)
    assert found.at.tzinfo is UTC
    assert found.raw_at is None
