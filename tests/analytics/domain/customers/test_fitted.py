"""Which device a customer uses now, whatever order it was told in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.customers.at_closing import at_closing
from services.analytics.domain.customers.customer import Customer
from services.analytics.domain.customers.fitted import (
    NEWEST,
    Fitted,
    device_news,
    fitted,
    with_news,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST = date(2026, 6, 1)


def told(day, change, source="a", model=None, firmware=None):
    at = NOON + day * DAY
    return device_news(at, at, source, change, model, firmware)


def of(*news):
    kept = ()
    for told_news in news:
        kept = with_news(kept, told_news)
    return fitted(kept)


CLAIMED = told(0, "claimed", "a", "cam", "1.0")


@pytest.mark.parametrize(
    ("news", "now"),
    [
        pytest.param([CLAIMED], ("cam", "1.0"), id="the only one"),
        pytest.param([CLAIMED, told(3, "runs", firmware="1.1")], ("cam", "1.1"), id="updated"),
        pytest.param([CLAIMED, told(3, "claimed", "b", "bell")], ("bell", None), id="claimed last"),
        pytest.param(
            [CLAIMED, told(3, "lost"), told(20, "claimed", "b", "bell", "2.0")],
            ("bell", "2.0"),
            id="exchanged",
        ),
        pytest.param(
            [CLAIMED, told(3, "claimed", "b", "bell"), told(5, "lost", "b")],
            ("cam", "1.0"),
            id="the newer one went back",
        ),
        pytest.param([CLAIMED, told(3, "lost")], ("cam", "1.0"), id="none left: the last one"),
        pytest.param([told(3, "runs", firmware="1.1")], None, id="of a device nobody claimed"),
    ],
)
def test_the_device_used_now(news, now):
    changes = of(*news)
    assert ((changes and (changes[-1].model, changes[-1].firmware)) or None) == now


def test_a_closing_reads_it_as_of_its_own_day():
    changes = of(CLAIMED, told(3, "runs", firmware="1.1"), told(9, "claimed", "b", "bell", "2"))
    assert changes == (
        Fitted(FIRST, "cam", "1.0"),
        Fitted(FIRST + 3 * DAY, "cam", "1.1"),
        Fitted(FIRST + 9 * DAY, "bell", "2"),
    )
    read = [at_closing(Customer(fitted=changes), FIRST + day * DAY) for day in (-1, 0, 2, 3, 9)]
    assert [(closing.cohort, closing.firmware) for closing in read] == [
        ("app/none", ""),
        ("cam/none", "cam/1.0"),
        ("cam/none", "cam/1.0"),
        ("cam/none", "cam/1.1"),
        ("bell/none", "bell/2"),
    ]


NEWS = st.builds(
    told,
    st.integers(0, 9),
    st.sampled_from(["claimed", "lost", "runs"]),
    st.sampled_from("abc"),
    st.sampled_from(["cam", "bell"]),
    st.sampled_from([None, "1", "2"]),
)


@given(st.lists(NEWS, max_size=40), st.randoms())
def test_any_order_gives_the_same(news, random):
    before = of(*news)
    random.shuffle(news)
    assert of(*news) == before


def test_of_ten_thousand_devices_the_newest_are_kept():
    kept = ()
    for n in range(2_000):
        kept = with_news(kept, told(n // 100, "claimed", f"{n:05}", f"m{n}"))
    assert len(kept) == NEWEST
    assert fitted(kept)[-1].model == "m1999"
