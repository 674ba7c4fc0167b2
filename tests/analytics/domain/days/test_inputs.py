"""A batch as items per customer, in quarters of an hour; any order gives the same."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.days.inputs import FAULTS, USES, Inputs
from services.analytics.domain.days.item import unpack
from services.analytics.domain.days.local_day import quarter_of
from shared.events import Heartbeat

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
AT = quarter_of(NOON)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def heartbeat(at, every_s=21_600):
    return Heartbeat(at=at, customer="ana", every_s=every_s)


def items(inputs):
    """at, arrival, uses, covered_s, faults, errors, tickets, ahead by customer."""
    return {row.customer: sorted(unpack([row.items]).tolist()) for row in inputs.rows()}


def test_what_falls_into_a_quarter_of_an_hour_is_one_item():
    found = Inputs()
    for minute in (0, 7, 14, 15):
        found.add("ana", "/x#1", NOON + minute * MINUTE, NOON + HOUR, USES, 5)
    found.add("ana", "/x#2", NOON, NOON + HOUR, FAULTS, 1)
    found.add("kim", "/x#3", NOON, NOON + HOUR, USES, 1)
    assert items(found) == {
        "ana": [(AT, AT + 4, 15, 0, 1, 0, 0, 0), (AT + 1, AT + 4, 5, 0, 0, 0, 0, 0)],
        "kim": [(AT, AT + 4, 1, 0, 0, 0, 0, 0)],
    }
    assert [row.cause for row in found.rows()] == ["/x#1", "/x#3"]


def test_an_arrival_is_rounded_up_so_that_late_stays_late():
    found = Inputs()
    for late in (timedelta(0), timedelta(microseconds=1), 15 * MINUTE):
        found.add("ana", "/x#1", NOON, NOON + late, USES, 1)
    assert [(item[1] - AT, item[2]) for item in items(found)["ana"]] == [(0, 1), (1, 2)]


def test_heartbeats_cover_their_interval():
    found = Inputs()
    for n in range(4):
        found.heard(heartbeat(NOON + n * MINUTE), "ana", "/x#1", NOON)
    assert [item[3] for item in items(found)["ana"]] == [86_400]


def test_a_rare_heartbeat_covers_the_days_to_come():
    found = Inputs()
    found.heard(heartbeat(NOON, 200_000), "ana", "/x#1", NOON)
    assert sorted((item[7], item[3]) for item in items(found)["ana"]) == [
        (0, 86_400),
        (1, 86_400),
        (2, 27_200),
    ]


def test_a_row_says_when_it_begins_and_by_when_all_of_it_had_arrived():
    found = Inputs()
    found.add("ana", "/x#1", NOON + HOUR, NOON + HOUR, USES, 1)
    found.add("ana", "/x#2", NOON - HOUR, NOON + 2 * HOUR, USES, 1)
    (row,) = found.rows()
    assert (row.first_at, row.arrived) == (NOON - HOUR, NOON + 2 * HOUR)


def test_a_customer_begins_when_something_has_happened_and_arrived():
    found = Inputs()
    found.add("ana", "/x#1", NOON - 9 * HOUR, NOON + 2 * HOUR, USES, 1)
    found.add("ana", "/x#2", NOON + HOUR, NOON, USES, 1)
    assert found.began() == {"ana": NOON + HOUR}


def test_what_arrives_after_an_erasure_is_not_kept():
    found = Inputs()
    found.add("ana", "/x#1", NOON, NOON, USES, 1)
    found.add("ana", "/x#2", NOON, NOON + HOUR, USES, 1)
    found.forget("ana", NOON)
    assert [item[1] for item in items(found)["ana"]] == [AT]
    found.forget("ana", NOON - HOUR)
    assert found.rows() == []


def test_times_that_are_nonsense_have_a_day_too():
    found = Inputs()
    for year in (1, 9999):
        found.add("ana", "/x#1", datetime(year, 12, 31, tzinfo=UTC), NOON, USES, 1)
    assert len(items(found)["ana"]) == 2


event = st.tuples(
    st.sampled_from(["ana", "kim"]),
    st.just("/x#1"),
    st.integers(0, 72).map(lambda m: NOON + m * 10 * MINUTE),
    st.integers(0, 120).map(lambda m: NOON + m * 10 * MINUTE),
    st.integers(0, 4),
    st.integers(1, 9),
)


@pytest.mark.slow
@given(st.lists(event, max_size=30), st.randoms())
def test_any_order_gives_the_same_items(events, random):
    one, other = Inputs(), Inputs()
    for given_event in events:
        one.add(*given_event)
    random.shuffle(events)
    for given_event in events:
        other.add(*given_event)
    assert items(one) == items(other)
    assert one.began() == other.began()
