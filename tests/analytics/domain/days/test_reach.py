"""Which devices are missed: not heard for a week, though their owner is; whatever was read since."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.domain.days.reach import (
    Gap,
    Heard,
    Sign,
    begun,
    is_back,
    listen,
    missed,
    signs,
)
from shared.events import Heartbeat, Usage
from shared.stream.record import Received
from tests.analytics.domain.arrays import settled

HEARD = "another device is"
DAY = date(2026, 6, 30)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CLOSES = datetime(2026, 7, 1, 6, tzinfo=UTC)


def ago(days):
    return DAY - timedelta(days=days)


def record(event):
    return Received(event, "id", "device.usage", 0, 0, event.at, event.at)


def beat(days, *, every_s=21_600, source="cam", customer="ana"):
    at = NOON + timedelta(days=days)
    return record(Heartbeat(at=at, source=source, customer=customer, every_s=every_s))


def on(days, **more):
    at = NOON + timedelta(days=days)
    return Sign(at.date(), at, **more)


def device(last, every_days=0, source="cam", **more):
    return Heard("ana", source, NOON - timedelta(days=99), ago(last), every_days, **more)


def test_a_batch_says_on_which_days_each_device_was_heard():
    use = record(Usage(at=NOON + timedelta(days=2), source="cam", customer="ana", by="person"))
    batch = [beat(1), use, beat(0), beat(0, source="bell"), beat(3, customer=None)]
    assert signs(batch) == {
        ("ana", "bell"): [on(0, every_days=0)],
        ("ana", "cam"): [on(1, every_days=0), on(2)],
    }


def test_heartbeats_may_be_days_apart():
    rare = begun("ana", "cam", signs([beat(0, every_s=3 * 86_400 + 5)])["ana", "cam"])
    assert rare.every_days == 3
    assert listen(rare, [on(1)]).every_days == 3
    assert listen(rare, [on(1, every_days=0)]).every_days == 0


@pytest.mark.parametrize(
    ("last", "every_days", "owner", "is_missed"),
    [
        pytest.param(11, 0, HEARD, True, id="for a week and three days, others are heard"),
        pytest.param(10, 0, HEARD, False, id="others may be only the last to fall silent"),
        pytest.param(13, 3, HEARD, False, id="its heartbeats are three days apart"),
        pytest.param(14, 3, HEARD, True, id="and it was not heard for so much longer"),
        pytest.param(20, 0, None, False, id="nothing is heard of the owner"),
        pytest.param(8, 0, 2, True, id="for more than a week, who uses the app"),
        pytest.param(7, 0, 2, False, id="for a week"),
        pytest.param(20, 0, 3, False, id="or did"),
        pytest.param(61, 0, HEARD, False, id="longer than anybody remembers"),
    ],
)
def test_a_device_is_missed_while_its_owner_is_heard(last, every_days, owner, is_missed):
    cam = device(last, every_days)
    devices = [device(1, source="bell"), cam] if owner is HEARD else [cam]
    used = {} if owner in (None, HEARD) else {"used_last": ago(owner).toordinal()}
    gone = missed(devices, settled(**used), {"ana": 0}, DAY, CLOSES)
    assert gone == ([cam] if is_missed else [])


def test_a_device_that_went_away_is_not_missed_and_none_that_is_heard_again():
    states, places = settled(used_last=DAY.toordinal()), {"ana": 0}
    for known, told in ((ago(5), []), (ago(-1), ["cam"]), (ago(20), ["cam"])):
        gone = missed([device(12, lost=(known,))], states, places, DAY, CLOSES)
        assert [one.device for one in gone] == told


def test_of_another_regions_customers_nothing_is_said():
    states = settled(used_last=DAY.toordinal())
    assert missed([replace(device(20), customer="bo")], states, {"ana": 0}, DAY, CLOSES) == []


def test_a_silence_is_over_when_its_end_has_arrived():
    known = device(12)
    heard = listen(known, [Sign(ago(1), CLOSES + timedelta(hours=1), 0)])
    assert heard.gaps == (Gap(ago(12), CLOSES + timedelta(hours=1)),)
    assert not is_back(heard, ago(12), DAY, CLOSES)
    assert is_back(heard, ago(12), DAY, CLOSES + timedelta(hours=1))
    assert is_back(device(12, lost=(DAY,)), ago(12), DAY, CLOSES)
    assert not is_back(device(12, lost=(ago(-1),)), ago(12), DAY, CLOSES)


@settings(max_examples=300, deadline=None)
@given(
    heard=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 40), st.integers(0, 23)),
        min_size=1,
        max_size=12,
    ),
    more=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 40), st.integers(0, 23)), max_size=12
    ),
    cut=st.integers(0, 12),
    closing=st.integers(0, 60),
    used=st.booleans(),
)
def test_what_is_read_ahead_changes_no_closing(heard, more, cut, closing, used):
    """Whoever has read all there is, in batches cut anywhere, tells what whoever had not tells."""
    day = NOON.date() + timedelta(days=closing)
    at = datetime.combine(day + timedelta(days=1), time(6), UTC)
    states = settled(**({"used_last": day.toordinal()} if used else {}))

    def told(until, cut):
        devices = []
        for source, log in (("bell", more), ("cam", heard)):
            arrived = sorted(
                (
                    Sign(
                        NOON.date() + timedelta(days=sent),
                        NOON + timedelta(days=sent + late, hours=hours % 12),
                        0,
                    )
                    for late, sent, hours in log
                ),
                key=lambda sign: sign.arrived,
            )
            read = [sign for sign in arrived if sign.arrived <= until]
            if read:
                first = begun("ana", source, read[: max(1, cut)])
                devices.append(listen(first, read[max(1, cut) :]))
        return {(one.device, one.day) for one in missed(devices, states, {"ana": 0}, day, at)}

    everything = datetime.max.replace(tzinfo=UTC)
    assert told(everything, cut) == told(at, 99)
