"""Which devices are missed: not heard for a week, though their owner is."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.analytics.domain.days.reach import Heard, heard, missed
from shared.events import Heartbeat, Usage
from tests.analytics.domain.arrays import settled

HEARD = "another device is"
DAY = date(2026, 6, 30)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def ago(days):
    return DAY - timedelta(days=days)


def beat(days, *, every_s=21_600, source="cam", customer="ana"):
    at = NOON + timedelta(days=days)
    return Heartbeat(at=at, source=source, customer=customer, every_s=every_s)


def test_a_batch_says_on_which_day_each_device_was_heard_last():
    use = Usage(at=NOON + timedelta(days=2), source="cam", customer="ana", by="person")
    events = [beat(1), use, beat(0), beat(0, source="bell"), beat(3, customer=None)]
    first = NOON.date()
    assert heard(events) == [
        Heard("ana", "bell", first),
        Heard("ana", "cam", first + timedelta(days=2)),
    ]


def test_heartbeats_may_be_days_apart():
    assert heard([beat(0, every_s=3 * 86_400 + 5)])[0].every_days == 3


@pytest.mark.parametrize(
    ("last", "every_days", "owner", "found"),
    [
        pytest.param(8, 0, HEARD, True, id="for more than a week, others are heard"),
        pytest.param(7, 0, HEARD, False, id="for a week"),
        pytest.param(10, 3, HEARD, False, id="its heartbeats are three days apart"),
        pytest.param(11, 3, HEARD, True, id="and it was not heard for a week more"),
        pytest.param(20, 0, None, False, id="nothing is heard of the owner"),
        pytest.param(20, 0, 2, True, id="who uses the app"),
        pytest.param(20, 0, 3, False, id="or did"),
    ],
)
def test_a_device_is_missed_while_its_owner_is_heard(last, every_days, owner, found):
    device = Heard("ana", "cam", ago(last), every_days, owner is HEARD)
    used = {} if owner in (None, HEARD) else {"used_last": ago(owner).toordinal()}
    assert missed([device], settled(**used), {"ana": 0}, DAY) == ([device] if found else [])


def test_of_another_regions_customers_nothing_is_said():
    assert missed([Heard("bo", "cam", ago(20))], settled(), {"ana": 0}, DAY) == []
