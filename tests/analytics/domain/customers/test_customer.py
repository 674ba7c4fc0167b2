"""What is known of a customer, from news in any order, and from which day it counts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.customers.customer import (
    KEPT,
    Customer,
    Description,
    Gain,
    begun,
    described,
    gained,
    lost,
    ownership,
)
from services.analytics.domain.customers.fitted import Fitted
from shared.events import CustomerChanged, RegistryChanged

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
FIRST = date(2026, 6, 1)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def news(version=1, plan="plus", at=NOON, **more):
    return CustomerChanged(at=at, customer="ana", version=version, plan=plan, **more)


def after(*all_news):
    known = Customer()
    for one in all_news:
        known, _ = described(known, one)
    return known


def registry(change="claimed", source="cam-1", at=NOON, **more):
    given = {"kind": "device", "version": 1, "model": "m1", "customer": "ana", **more}
    return RegistryChanged(at=at, change=change, source=source, **given)


def test_an_older_version_changes_nothing():
    newer = after(news(5, zone="Asia/Tokyo"))
    assert described(newer, news(4, zone="UTC")) == (newer, None)
    assert described(newer, news(5, zone="UTC")) == (newer, None)


@pytest.mark.parametrize(
    ("told", "since"),
    [
        pytest.param(NOON, FIRST, id="before 16:00: the day itself"),
        pytest.param(NOON + 4 * HOUR, FIRST + DAY, id="from 16:00 on: the next"),
    ],
)
def test_news_count_from_the_first_day_that_closes_after_them(told, since):
    assert after(news(at=told, zone="Asia/Tokyo", region="apac")).history == (
        Description(since, "Asia/Tokyo", "apac", "plus"),
    )


def test_each_real_change_is_kept():
    known = after(
        news(1, "plus"),
        news(2, "plus"),
        news(3, "pro", NOON + DAY),
        news(4, "plus", NOON + 2 * DAY),
    )
    assert [(one.since.day, one.plan) for one in known.history] == [
        (1, "plus"),
        (2, "pro"),
        (3, "plus"),
    ]
    assert known.version == 4


def test_of_two_changes_that_count_from_one_day_the_last_holds():
    known = after(news(1, "plus", NOON - DAY), news(2, "pro"), news(3, "max", NOON + HOUR))
    assert [one.plan for one in known.history] == ["plus", "max"]


def test_a_change_told_with_an_earlier_time_does_not_reach_back():
    known = after(news(1, "plus"), news(2, "pro", NOON - 3 * DAY))
    assert known.history == (Description(FIRST, plan="pro"),)


def test_the_first_of_a_compacted_topic_counts_for_always():
    assert after(news(3, "pro")).history == (Description(date.min, plan="pro"),)


def test_the_newest_changes_are_kept():
    known = after(*(news(n, f"p{n}", NOON + n * DAY) for n in range(1, 2 * KEPT)))
    assert len(known.history) == KEPT
    assert known.history[-1].plan == f"p{2 * KEPT - 1}"


def test_the_erased_stay_erased():
    gone = after(news(1), news(2, erased=True, at=NOON + DAY))
    assert gone.erased_from == FIRST + DAY
    assert described(gone, news(3)) == (gone, None)


@pytest.mark.parametrize(
    ("began", "first", "starts"),
    [
        pytest.param(None, None, {"default": date.min}, id="never heard of"),
        pytest.param(NOON, None, {"default": FIRST}, id="not described"),
        pytest.param(None, NOON, {"eu": FIRST}, id="no use yet"),
        pytest.param(NOON + 3 * DAY, NOON, {"eu": FIRST + 3 * DAY}, id="described first"),
        pytest.param(
            NOON, NOON + 2 * DAY, {"default": FIRST, "eu": FIRST + 2 * DAY}, id="used first"
        ),
    ],
)
def test_which_regions_close_days_of_a_customer(began, first, starts):
    known = Customer() if first is None else after(news(region="eu", at=first))
    assert (known if began is None else begun(known, began)).starts == starts


def test_a_customer_begins_with_the_earliest_use():
    assert begun(begun(begun(Customer(), NOON), NOON - HOUR), NOON + HOUR).began == NOON - HOUR


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


def test_the_registry_counts_from_when_it_happened_and_arrived():
    known = lost(
        gained(Customer(), registry(), NOON + DAY), registry("retired", at=NOON + 3 * DAY), NOON
    )
    assert known.owned == (Gain(FIRST + DAY, 1), Gain(FIRST + 3 * DAY, -1))
    assert known.fitted == (Fitted(FIRST + DAY, "m1"),)


def test_apps_are_no_devices():
    app = registry(kind="app", model="ios")
    assert lost(gained(Customer(), app, NOON), app, NOON) == Customer()


steps = st.lists(
    st.tuples(st.sampled_from([gained, lost]), st.integers(0, 9), st.sampled_from("abc")),
    max_size=8,
)


@given(steps, st.randoms())
def test_any_order_of_the_registry_gives_the_same_customer(given_steps, random):
    def fold(all_steps):
        known = Customer()
        for step, day, name in all_steps:
            news = registry(source=name, at=NOON + day * DAY, model=f"m-{name}")
            known = step(known, news, NOON + 4 * DAY)
        return known

    first = fold(given_steps)
    random.shuffle(given_steps)
    assert fold(given_steps) == first
