"""What is known of a customer, from news in any order."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.customer import Customer, described, gained, lost, ownership
from shared.events import CustomerChanged, RegistryChanged

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def news(version=1, plan="plus", at=NOON, **more):
    return CustomerChanged(at=at, customer="ana", version=version, plan=plan, **more)


def registry(change="claimed", source="cam-1", at=NOON, **more):
    given = {"kind": "device", "version": 1, "model": "m1", "customer": "ana", **more}
    return RegistryChanged(at=at, change=change, source=source, **given)


def test_an_older_version_changes_nothing():
    newer = described(Customer(), news(5, zone="Asia/Tokyo"))
    assert described(newer, news(4, zone="UTC")) is newer
    assert described(newer, news(5, zone="UTC")) is newer


def test_a_change_of_plan_counts_from_the_second_day_after():
    known = described(Customer(), news(1, "plus"))
    moved = described(known, news(2, "pro", at=NOON))
    assert [moved.cohort(date(2026, 6, day)) for day in (2, 3)] == ["app/plus", "app/pro"]


def test_the_first_plan_heard_of_counts_at_once():
    assert described(Customer(), news(3, "pro")).cohort(date(2020, 1, 1)) == "app/pro"


def test_the_erased_stay_erased():
    gone = described(Customer(), news(2, erased=True))
    assert described(gone, news(3)).erased


@pytest.mark.parametrize(
    ("change", "who"),
    [
        pytest.param(registry("registered", customer=None), (None, None), id="registered"),
        pytest.param(registry(), (None, "ana"), id="claimed"),
        pytest.param(registry("moved", previous_customer="kim"), ("kim", "ana"), id="moved"),
        pytest.param(
            registry("retired", customer=None, previous_customer="ana"), ("ana", None), id="retired"
        ),
        pytest.param(registry("retired"), ("ana", None), id="retired, named as owner"),
        pytest.param(registry("moved", previous_customer="ana"), (None, None), id="to themselves"),
        pytest.param(registry("adopted"), (None, None), id="a fact adopted"),
    ],
)
def test_who_loses_and_who_gains(change, who):
    assert ownership(change) == who


def test_silence_means_nothing_two_days_after_the_last_device_went():
    known = lost(gained(Customer(), registry()), registry("retired"))
    assert known.devices == 0
    assert known.expects_heartbeats(date(2026, 6, 2))
    assert not known.expects_heartbeats(date(2026, 6, 3))
    assert gained(known, registry(source="cam-2")).expects_heartbeats(date(2026, 6, 9))


def test_apps_are_no_devices():
    app = registry(kind="app", model="ios")
    assert lost(gained(Customer(), app), app) == Customer()


steps = st.lists(
    st.tuples(st.sampled_from([gained, lost]), st.integers(0, 9), st.sampled_from("abc")),
    max_size=8,
)


@given(steps, st.randoms())
def test_any_order_of_the_registry_gives_the_same_customer(given_steps, random):
    def fold(all_steps):
        known = Customer()
        for step, day, name in all_steps:
            known = step(known, registry(source=name, at=NOON + day * DAY, model=f"m-{name}"))
        return known

    first = fold(given_steps)
    random.shuffle(given_steps)
    assert fold(given_steps) == first
