"""A decline that a cohort shares is said; what one customer does, or who comes and goes, is not."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from services.analytics.domain.days.close import Roll, step
from services.analytics.domain.days.extent import Extent, Group
from services.analytics.domain.days.shared import new
from services.analytics.domain.drops.cohort import START
from services.analytics.domain.drops.day import Day
from services.analytics.domain.drops.state import States
from services.analytics.domain.drops.trend import falling_since, for_long, lately, share
from services.analytics.domain.risks.declines import declines
from services.analytics.domain.risks.habits import fold_uses

FIRST, DAYS, N = 739_000, 200, 80


def lived(rate_of_day, n=N, days=DAYS, seed=3, joins=0):
    """States of customers with 0.5 to 4 uses a day times a rate; `joins`: days that half come later."""
    rng = np.random.default_rng(seed)
    own = rng.uniform(0.5, 4.0, n)
    states = States.new(n)
    for d in range(days):
        uses = rng.poisson(own * rate_of_day(d)).astype(float)
        here = (np.arange(n) % 2 == 0) | (d >= joins)
        states = fold_uses(states, FIRST + d, uses, here)
    return states, FIRST + days - 1


def trend_of(*args, **known):
    states, day = lived(*args, **known)
    return share(lately(states, day), for_long(states, day))


@pytest.mark.parametrize(
    ("rate", "joins", "low", "high"),
    [
        pytest.param(lambda d: 1.0, 0, 0.93, 1.07, id="steady"),
        pytest.param(lambda d: 1.0, 100, 0.93, 1.07, id="half of them new: no trend"),
        pytest.param(
            lambda d: max(1.0 - 0.01 * max(d - 130, 0), 0.3), 0, 0.0, 0.78, id="70 days down to 0.3"
        ),
        pytest.param(lambda d: 1.0 if d < 160 else 0.4, 0, 0.0, 0.79, id="at once, held for weeks"),
        pytest.param(lambda d: 1.0 + 0.004 * d, 0, 1.05, 2.0, id="growing"),
    ],
)
def test_the_month_against_the_same_customers_year(rate, joins, low, high):
    assert low <= trend_of(rate, joins=joins) <= high


def test_nothing_is_said_of_who_is_known_for_less_than_twelve_weeks_or_of_a_few():
    assert trend_of(lambda d: 1.0, days=60) is None
    assert trend_of(lambda d: 1.0, n=29) is None


@pytest.mark.parametrize(
    ("before", "trend", "shares", "since"),
    [
        pytest.param(0, 0.86, (1.0,) * 28, 0, id="a little less"),
        pytest.param(0, 0.79, (1.0,) * 28, FIRST, id="falling since today"),
        pytest.param(FIRST - 5, 0.92, (1.0,) * 28, FIRST - 5, id="still: no flicker"),
        pytest.param(FIRST - 5, 0.94, (1.0,) * 28, 0, id="over"),
        pytest.param(0, 0.7, (*(1.0,) * 20, *(0.0,) * 8), 0, id="an outage made the month thin"),
        pytest.param(0, None, (), 0, id="nothing known"),
    ],
)
def test_since_when(before, trend, shares, since):
    assert falling_since(before, trend, shares, FIRST) == since


GOOD, BAD = replace(START, members=40), replace(START, members=40, falling=FIRST, trend=0.7)


@pytest.mark.parametrize(
    ("bad", "yesterday", "names"),
    [
        pytest.param(["a/basic"], [], ["a/basic/eu"], id="one cohort"),
        pytest.param(["a/basic", "a/plus"], [], ["a/*/eu"], id="a model, whatever the plan"),
        pytest.param(["a/plus", "b/plus"], [], ["*/plus/eu"], id="a plan, whatever the model"),
        pytest.param(["a/basic"], ["a/basic"], [], id="told already"),
        pytest.param(["a/basic", "a/plus"], ["a/basic"], ["a/*/eu"], id="it has spread"),
        pytest.param([""], [], ["eu"], id="the region says it for all"),
        pytest.param(["", "a/basic"], [""], [], id="and has said it"),
    ],
)
def test_it_is_told_in_the_fewest_words(bad, yesterday, names):
    cohorts = ["a/basic", "a/plus", "b/basic", "b/plus"]
    roll = Roll.of_customers([*(name for name in cohorts for _ in range(40)), "c/small"])
    today = {name: BAD if name in bad else GOOD for name in ("", *cohorts)}
    before = {name: BAD if name in yesterday else GOOD for name in ("", *cohorts)}
    said = new("eu", roll, today, before, lambda cohort: bool(cohort.falling))
    assert [common.name for common in said] == names
    assert all(common.mean(lambda c: c.trend) == pytest.approx(0.7) for common in said)


def test_a_decline_that_everybody_shares_is_found_by_the_closings_and_nobody_is_blamed():
    """Seventy days down to 0.3 after five months: no drop is believed, the region is falling."""
    rng, n = np.random.default_rng(11), 60
    own, roll = rng.uniform(1.0, 4.0, n), Roll.of_customers(["cam/plus"] * n)
    states, frozen, since = States.new(n), {}, {}
    for d in range(230):
        rate = max(1.0 - 0.01 * max(d - 150, 0), 0.3)
        counted = np.full(n, d > 0)
        uses = np.minimum(rng.poisson(own * rate), 24).astype(float)
        seen = Day(
            FIRST + d, uses, np.ones(n), counted, *(np.full(n, f) for f in (True, False, True))
        )
        frozen, _ = step(states, seen, roll, frozen)
        for name, cohort in frozen.items():
            if cohort.falling:
                since.setdefault(name, d)
    assert set(since) == {"", "cam/plus"}
    assert 150 < min(since.values()) <= max(since.values()) < 215
    assert int((states.alarm > 0).sum()) <= n // 10


def test_whom_a_decline_holds_harmless():
    last = {"eu": {"": GOOD, "a/basic": BAD}, "us": {"": BAD, "a/basic": GOOD}}
    sizes = {Group(r, m, "basic"): 40 for r in ("eu", "us") for m in ("a", "b")}
    said = [(d.extent, d.share, d.since) for d in declines(last, sizes)]
    since = date.fromordinal(FIRST)
    assert said == [
        (Extent("eu", "a", None, 40), 0.7, since),
        (Extent("us", None, None, 80), 0.7, since),
    ]
