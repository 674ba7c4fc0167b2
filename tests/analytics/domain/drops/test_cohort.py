"""What a cohort's day is frozen to."""

from dataclasses import replace
from datetime import date

import msgspec
import numpy as np
import pytest

from services.analytics.domain.drops.cohort import START, CohortDay, CohortMembers, freeze
from services.analytics.domain.drops.parameters import STANDARD

N = 100
MONDAY = date(2026, 6, 1).toordinal()


def members(uses=3.0, *, judged=N, level=3.0, posterior=0.0, settled=True, differs=np.nan):
    return CohortMembers(
        uses=np.full(N, uses, dtype=np.float64),
        level=np.full(N, level),
        own=np.ones(N),
        differs=np.full(N, differs),
        mature=np.full(N, 30.0),
        posterior=np.full(N, posterior),
        judged=np.arange(N) < judged,
        counted=np.ones(N, dtype=bool),
        settled=np.full(N, settled),
        held=np.zeros(N, dtype=bool),
        clear=np.zeros(N, dtype=bool),
        returned=np.zeros(N, dtype=bool),
        near=np.ones(N),
        far=np.zeros(N),
    )


def frozen(seen, before=START, parent=None):
    return freeze(before, seen, MONDAY, parent, STANDARD)


@pytest.mark.parametrize(
    ("seen", "factor"),
    [
        pytest.param(members(3.0), 1.0, id="a usual day"),
        pytest.param(members(1.5), (150 + 5) / (300 + 5), id="half, held at 1 by five uses"),
        pytest.param(members(0.0), 0.05, id="an outage: floor"),
        pytest.param(
            members(24.0, level=0.5), 1.2, id="some report more: hardly held against the others"
        ),
        pytest.param(members(0.0, posterior=0.5), 1.0, id="likely drops do not count"),
        pytest.param(members(0.0, settled=False), 1.0, id="nobody settled yet"),
    ],
)
def test_the_factor_of_a_region(seen, factor):
    assert frozen(seen).factor == pytest.approx(factor, abs=0.001)


def test_one_heavy_user_is_capped():
    seen = members(3.0)
    seen.uses[0] = 1_000_000.0
    assert frozen(seen).factor == pytest.approx((99 * 3 + 16 + 5) / 305)


def test_a_cohort_leans_on_its_region():
    alone = frozen(members(3.0), parent=replace(START, factor=0.2)).factor
    assert alone == pytest.approx((300 + 30 * 0.2) / 330)


@pytest.mark.parametrize(
    ("judged", "outage"), [pytest.param(80, False, id="80 of 100"), pytest.param(79, True, id="79")]
)
def test_collection_outage_below_four_fifths_of_the_usual_share(judged, outage):
    before = replace(START, shares=(1.0,) * 28)
    assert frozen(members(judged=judged), before).outage is outage


def test_an_outage_leaves_the_rest_and_is_forgotten():
    before = replace(START, shares=(1.0,) * 28, factor=0.9, excess=0.5)
    out = frozen(members(0.0, judged=10), before)
    assert (out.factor, out.excess, out.weights) == (0.9, 0.5, before.weights)
    assert frozen(members(), out).outage is False


def test_no_members_change_nothing():
    seen = members()
    nobody = replace(seen, counted=np.zeros(N, dtype=bool))
    assert frozen(nobody, START) is START


@pytest.mark.parametrize(
    ("factor", "dropped"), [pytest.param(0.49, True, id="0.49"), pytest.param(0.5, False, id="0.5")]
)
def test_a_cohort_drop_is_half_of_what_it_lately_was(factor, dropped):
    assert CohortDay(factor=factor).dropped is dropped
    assert not CohortDay(factor=factor / 2, usual_factor=0.3).dropped


def test_dispersion_follows_the_excess_variance():
    # half use 1 hour, half 5, 3 expected: ((y - mu)^2 - mu) / mu^2 = (4 - 3) / 9
    seen = members(1.0)
    seen.uses[: N // 2] = 5.0
    before = START
    for _ in range(200):
        before = replace(frozen(seen, before), factor=1.0, usual_factor=1.0, weights=START.weights)
    assert before.dispersion == pytest.approx(9.0, rel=0.02)


def test_a_weekday_moves_by_a_tenth_and_keeps_the_mean():
    after = frozen(members(1.5))
    ratio = 0.9 + 0.1 * after.factor
    assert after.weights[0] == pytest.approx(7 * ratio / (6 + ratio))
    assert sum(after.weights) == pytest.approx(7.0)


def test_what_is_frozen_reads_back_the_same_bits():
    seen = members(2.7)
    seen.uses[:7] = 1 / 3
    day = frozen(seen, parent=frozen(members(1.9)))
    assert msgspec.json.decode(msgspec.json.encode(day), type=CohortDay) == day
