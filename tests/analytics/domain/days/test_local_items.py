"""Items on local days: the zone is the one the customer was in then."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.analytics.domain.customers.customer import Description
from services.analytics.domain.days.item import pack
from services.analytics.domain.days.local_day import quarter_of
from services.analytics.domain.days.local_items import day_of, on_local_days

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def home(zone, since=date.min):
    return Description(since, zone)


BERLIN, TOKYO = home("Europe/Berlin"), home("Asia/Tokyo")
MOVED = (BERLIN, home("Asia/Tokyo", date(2026, 6, 2)))


def packed(*moments, ahead=0):
    return pack([((quarter_of(at), quarter_of(at), ahead), [1, 0, 0, 0, 0]) for at in moments])


@pytest.mark.parametrize(
    ("history", "hours", "local"),
    [
        pytest.param((home("UTC"),), 22, (1, 22), id="UTC"),
        pytest.param((BERLIN,), 22, (2, 0), id="the next day already"),
        pytest.param((home("America/New_York"),), 2, (31, 22), id="still the day before"),
        pytest.param((home("Asia/Kathmandu"),), 18.25, (2, 0), id="a zone off by a quarter"),
        pytest.param(MOVED, 16, (1, 18), id="before it moved"),
        pytest.param(MOVED, 24 + 16, (3, 1), id="after it moved"),
        pytest.param(MOVED[1:], 16, (1, 16), id="before it was described: UTC"),
        pytest.param((home("Mars/Base"),), 16, (1, 16), id="no such zone: UTC"),
    ],
)
def test_local_day_and_hour(history, hours, local):
    at = JUNE + hours * HOUR
    found = on_local_days([packed(at)], [0], [history])
    assert (date.fromordinal(int(found.day[0])).day, int(found.hour[0])) == local
    assert day_of(history, quarter_of(at)) == found.day[0]


def test_items_of_many_customers_keep_whose_they_are_and_their_row():
    found = on_local_days(
        [packed(JUNE, JUNE + 23 * HOUR), packed(JUNE), packed(JUNE + 23 * HOUR)],
        [0, 1, 1],
        [(BERLIN,), MOVED],
    )
    assert found.who.tolist() == [0, 0, 1, 1]
    assert found.row.tolist() == [0, 0, 1, 2]
    assert [date.fromordinal(n).day for n in found.day.tolist()] == [1, 2, 1, 2]


def test_a_rare_heartbeat_is_on_the_days_it_covers():
    found = on_local_days([packed(JUNE + 23 * HOUR, ahead=2)], [0], [(BERLIN,)])
    assert date.fromordinal(int(found.day[0])) == date(2026, 6, 4)


def test_an_hour_that_comes_twice_is_one_local_hour_of_one_day():
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    found = on_local_days([packed(*twice)], [0], [(BERLIN,)])
    assert set(zip(found.day.tolist(), found.hour.tolist(), strict=True)) == {
        (date(2026, 10, 25).toordinal(), 2)
    }


def test_nothing_at_all():
    assert on_local_days([], [], []).day.tolist() == []
