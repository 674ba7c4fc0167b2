"""When a drop began, looked back for over the days."""

from datetime import date, timedelta

import numpy as np
import pytest

from services.analytics.domain.days.totals import DaySum
from services.analytics.domain.drops.onset import hours_of, onset

BEGUN = 60


def days(rng, kept, *, mean=3.0, length=90):
    levels = np.full(length, mean)
    levels[BEGUN:] *= kept if np.ndim(kept) == 0 else kept[: length - BEGUN]
    return rng.negative_binomial(3, 3 / (3 + levels)).astype(float)


@pytest.mark.parametrize(
    ("kept", "within"),
    [
        pytest.param(0.0, 3, id="stop"),
        pytest.param(0.3, 5, id="to a third"),
        pytest.param(0.5, 8, id="to a half"),
        pytest.param(0.5 ** (np.arange(30) / 14), 10, id="over weeks"),
    ],
)
def test_the_middle_is_near_and_the_range_holds_it(kept, within):
    found = [onset(days(np.random.default_rng(n), kept), 3.0, 3.0) for n in range(40)]
    assert np.median([abs(one.likeliest - BEGUN) for one in found]) <= within
    assert np.mean([one.earliest <= BEGUN <= one.latest for one in found]) >= 0.6
    assert all(one.earliest <= one.likeliest <= one.latest for one in found)


def test_days_that_were_not_judged_say_nothing():
    seen = days(np.random.default_rng(1), 0.0)
    seen[BEGUN - 8 : BEGUN] = np.nan
    found = onset(seen, 3.0, 3.0)
    assert found.earliest >= BEGUN - 10


@pytest.mark.parametrize("judged", [0, 14])
def test_too_few_days_give_none(judged):
    seen = np.full(60, np.nan)
    seen[:judged] = 3.0
    assert onset(seen, 3.0, 3.0) is None


@pytest.mark.parametrize(
    ("covered_s", "quiet"), [(86_400, np.nan), (0, 0.0)], ids=["a device", "only the app"]
)
def test_a_quiet_day_is_judged_where_no_heartbeats_are_expected(covered_s, quiet):
    last = date(2026, 3, 10)
    used = DaySum(uses=2, hours=0b11, covered_s=covered_s)
    seen = hours_of({last - timedelta(days=n): used for n in (0, 2, 3, 5)}, last, 6)
    assert seen[[2, 3, 5]].tolist() == [2.0, 2.0, 2.0]
    assert np.isnan(seen[0])
    assert np.array_equal(seen[[1, 4]], [quiet, quiet], equal_nan=True)
