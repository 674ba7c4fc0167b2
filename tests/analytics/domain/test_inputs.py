"""A batch summed into rows: which day, which hour, how late; any order gives the same."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.inputs import Place, Sum, Sums, days_of
from shared.events import Heartbeat

HOME = {"ana": Place("Europe/Berlin", "eu"), "kim": Place("Asia/Tokyo", "apac")}
ZONES = {"eu": {"Europe/Berlin": None}, "apac": {"Asia/Tokyo": None}}
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sums(**more):
    return Sums(HOME, ZONES, **more)


def heartbeat(at, every_s=21_600):
    return Heartbeat(at=at, customer="ana", every_s=every_s)


def test_a_use_falls_on_the_local_day_and_hour():
    found = sums()
    found.used("ana", datetime(2026, 6, 1, 22, 30, tzinfo=UTC), NOON, 2)
    found.used("kim", datetime(2026, 6, 1, 22, 30, tzinfo=UTC), NOON, 1)
    found.used("bob", datetime(2026, 6, 1, 22, 30, tzinfo=UTC), NOON, 1)
    assert found.rows == {
        ("ana", date(2026, 6, 2), 0): Sum(uses=2, hours=1 << 0),
        ("kim", date(2026, 6, 2), 0): Sum(uses=1, hours=1 << 7),
        ("bob", date(2026, 6, 1), 0): Sum(uses=1, hours=1 << 22),
    }


def test_uses_of_one_hour_are_one_hour():
    found = sums()
    for minute in (1, 20, 59):
        found.used("ana", NOON.replace(minute=minute), NOON, 5)
    (row,) = found.rows.values()
    assert (row.uses, row.hours.bit_count()) == (15, 1)


def test_what_comes_late_is_a_row_of_its_own():
    found = sums()
    for days in (0, 1, 2, 3, 30):
        found.used("ana", NOON, NOON + timedelta(days=days), 1)
    assert {key[2]: row.uses for key, row in found.rows.items()} == {0: 1, 1: 1, 2: 1, 3: 2}


def test_heartbeats_cover_their_interval():
    found = sums()
    for n in range(4):
        found.heard(heartbeat(NOON + n * HOUR), "ana", NOON)
    assert found.rows == {("ana", date(2026, 6, 1), 0): Sum(covered_s=86_400)}


def test_a_weekly_heartbeat_covers_the_days_to_come():
    found = sums()
    found.heard(heartbeat(NOON, 604_800), "ana", NOON)
    assert [key[1].day for key in found.rows] == [1, 2, 3, 4, 5, 6, 7]
    assert {row.covered_s for row in found.rows.values()} == {86_400}


def test_nothing_is_kept_of_an_erased_customer():
    found = sums(erased=frozenset({"ana"}))
    found.used("ana", NOON, NOON, 1)
    found.heard(heartbeat(NOON, 604_800), "ana", NOON)
    assert found.rows == {}


def test_first_days():
    rows = [
        ("ana", date(2026, 6, 2), 0),
        ("ana", date(2026, 6, 1), 3),
        ("kim", date(2026, 6, 2), 0),
    ]
    assert days_of(rows) == {"ana": date(2026, 6, 1), "kim": date(2026, 6, 2)}


event = st.tuples(
    st.sampled_from(["ana", "kim"]),
    st.integers(0, 72).map(lambda h: NOON + h * HOUR),
    st.integers(0, 120).map(lambda h: NOON + h * HOUR),
    st.integers(1, 9),
)


@given(st.lists(event, max_size=30), st.randoms())
def test_any_order_gives_the_same_rows(events, random):
    one, other = sums(), sums()
    for given_event in events:
        one.used(*given_event)
    random.shuffle(events)
    for given_event in events:
        other.used(*given_event)
    assert one.rows == other.rows
