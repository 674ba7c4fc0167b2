"""When was it: both sides of every edge."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.messages.times import correct

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("at", "sent", "expected"),
    [
        pytest.param(NOW - HOUR, None, NOW - HOUR, id="no sent: at stands"),
        pytest.param(NOW - HOUR, NOW, NOW - HOUR, id="a right clock"),
        pytest.param(NOW - 10 * DAY, NOW, NOW - 10 * DAY, id="ten days of router outage"),
        pytest.param(NOW - MINUTE, NOW + 5 * MINUTE, NOW - MINUTE, id="5 min ahead"),
        pytest.param(NOW + 4 * MINUTE, NOW + 5 * MINUTE, NOW, id="5 min ahead, cut"),
        pytest.param(NOW + 4 * MINUTE, NOW + 5 * MINUTE + SECOND, NOW - MINUTE - SECOND, id="more"),
        pytest.param(NOW - DAY, NOW - DAY, NOW - DAY, id="24 h behind"),
        pytest.param(NOW - DAY - HOUR, NOW - DAY - SECOND, NOW - HOUR + SECOND, id="more behind"),
        pytest.param(datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, 1, tzinfo=UTC), NOW - HOUR, id="clock never set"),
        pytest.param(NOW - 400 * DAY, NOW, NOW - 400 * DAY, id="400 days old"),
        pytest.param(NOW - 400 * DAY, None, NOW - 400 * DAY, id="400 days old, no sent"),
        pytest.param(NOW - 400 * DAY - SECOND, None, None, id="older, no sent"),
        pytest.param(NOW - 400 * DAY - SECOND, NOW - SECOND, NOW - SECOND, id="older than can be: sent"),
        pytest.param(NOW + 20 * HOUR, None, NOW, id="case 5: 20 h ahead, no sent"),
        pytest.param(NOW + SECOND, None, NOW, id="a second ahead, no sent"),
        pytest.param(NOW + DAY, None, NOW, id="24 h ahead, no sent"),
        pytest.param(NOW + DAY + SECOND, None, None, id="further ahead"),
        pytest.param(datetime(9999, 12, 31, tzinfo=UTC), None, None, id="year 9999"),
        pytest.param(datetime(1, 1, 1, tzinfo=UTC), None, None, id="year 1"),
        pytest.param(NOW, datetime(9999, 12, 31, tzinfo=UTC), NOW, id="sent in 9999"),
        pytest.param(NOW, datetime(1, 1, 1, tzinfo=UTC), NOW, id="sent in year 1"),
        pytest.param(datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC), NOW, NOW, id="case 9: at of 1970"),
        pytest.param(NOW - 10 * MINUTE, datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC), NOW - 10 * MINUTE, id="case 9: sent of 1970"),
        pytest.param(NOW - 10 * MINUTE, datetime(2036, 2, 7, 6, 28, 17, tzinfo=UTC), NOW - 10 * MINUTE, id="case 9: sent of 2036"),
        pytest.param(datetime(2106, 2, 7, tzinfo=UTC), NOW - SECOND, NOW - SECOND, id="at of 2106"),
        pytest.param(NOW - 10 * MINUTE, NOW - 3 * DAY, NOW - 10 * MINUTE, id="at after sent: at can be"),
        pytest.param(NOW + 3 * HOUR, NOW - 2 * HOUR, NOW - 2 * HOUR, id="at after sent: sent can be"),
        pytest.param(datetime(2000, 1, 2, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), NOW, id="neither can be: the receipt"),
        pytest.param(NOW + 2 * DAY + HOUR, NOW + 2 * DAY, NOW, id="ahead, and after its sending"),
        pytest.param(datetime(9999, 12, 30, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), NOW - DAY, id="clock in 9999"),
        pytest.param(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), None, id="year 1, east"),
    ],
)  # fmt: skip
def test_the_moment(at, sent, expected):
    found = correct(at, sent, NOW)
    assert (None if found is None else found.at) == expected
    if found is not None:
        assert found.raw_at == (None if found.at == at else at)
        assert found.at <= NOW
        assert found.suspect or found.at == at


def test_late_is_more_than_a_day_before_it_was_received():
    assert not correct(NOW - DAY, NOW, NOW).late
    assert correct(NOW - DAY - SECOND, NOW, NOW).late


def test_the_moment_is_in_utc():
    east = timezone(timedelta(hours=5))
    found = correct(NOW.astimezone(east), None, NOW)
    assert found.at.tzinfo is UTC
    assert found.raw_at is None


@pytest.mark.parametrize(
    ("sent", "since", "expected"),
    [
        pytest.param(NOW - 49 * HOUR, NOW - 50 * HOUR, (False, True), id="sent while we were away"),
        pytest.param(
            NOW - 50 * HOUR - 5 * MINUTE, NOW - 50 * HOUR, (False, True), id="just before"
        ),
        pytest.param(NOW - 50 * HOUR - 6 * MINUTE, NOW - 50 * HOUR, (True, False), id="before"),
        pytest.param(NOW - 49 * HOUR, None, (True, False), id="we were not away"),
        pytest.param(
            NOW - 3 * HOUR, NOW - HOUR, (False, False), id="three hours, one of them away"
        ),
        pytest.param(NOW - 3 * HOUR, None, (False, False), id="three hours behind"),
        pytest.param(NOW - 5 * MINUTE, None, (False, True), id="five minutes under way"),
        pytest.param(NOW - 5 * MINUTE - SECOND, None, (False, False), id="more"),
        pytest.param(NOW + 5 * MINUTE, NOW - HOUR, (False, True), id="five minutes ahead"),
        pytest.param(NOW + 6 * MINUTE, NOW - HOUR, (True, False), id="ahead, whoever was away"),
    ],
)
def test_time_that_a_message_waited_for_us_is_no_wrong_clock(sent, since, expected):
    """Case 10: suspect, and sure enough to say whose it is."""
    found = correct(sent - 10 * MINUTE, sent, NOW, since)
    assert (found.suspect, found.sure) == expected
    if not found.suspect:
        assert found.at == sent - 10 * MINUTE
        assert found.late is (NOW - found.at > DAY)


@given(st.datetimes(), st.none() | st.datetimes(), st.none() | st.integers(0, 10**6))
def test_nothing_is_ever_dated_after_its_receipt(at, sent, waited):
    since = None if waited is None else NOW - timedelta(seconds=waited)
    sent = None if sent is None else sent.replace(tzinfo=UTC)
    found = correct(at.replace(tzinfo=UTC), sent, NOW, since)
    if sent is None and found is None:
        return
    assert NOW - timedelta(days=400) <= found.at <= NOW
