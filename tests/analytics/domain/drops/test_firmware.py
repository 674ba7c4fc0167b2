"""A firmware's own factor: for whom it is, how fast it follows, and that it is said once."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import numpy as np
import pytest

from services.analytics.domain.days.close import REGION, Roll
from services.analytics.domain.drops.cohort import START, CohortMembers
from services.analytics.domain.drops.firmware import firmware_factors
from services.analytics.handlers.days.closing_cohorts import tell_cohorts
from shared.events import CohortDropped
from tests.analytics.adversarial import CASES

N = 200


def members(uses, posterior=0.0):
    yes, no = np.ones(N, dtype=bool), np.zeros(N, dtype=bool)
    numbers = {name: np.full(N, 3.0) for name in ("level", "mature", "near", "far")}
    numbers |= {"own": np.ones(N), "differs": np.full(N, np.nan)}
    flags = dict.fromkeys(("judged", "counted", "settled"), yes)
    rest = dict.fromkeys(("held", "clear", "returned"), no)
    return CohortMembers(
        uses=np.array(uses, dtype=float),
        posterior=np.full(N, posterior),
        **numbers,
        **flags,
        **rest,
    )


def factor(uses, who, before=None, posterior=0.0):
    seen = np.full(N, 3.0)
    seen[:who] = uses
    places = {"cam/2": np.arange(who)}
    return firmware_factors(
        before or {}, places, members(seen, posterior), np.full(N, 3.0), 30
    ).get("cam/2")


@pytest.mark.parametrize(
    ("uses", "who", "before", "low", "high"),
    [
        pytest.param(1.0, 100, None, 0.40, 0.46, id="a third, the first day"),
        pytest.param(1.0, 100, {"cam/2": 0.35}, 0.33, 0.34, id="a third, later"),
        pytest.param(3.0, 100, None, 1.0, 1.0, id="as all others"),
        pytest.param(12.0, 100, None, 1.2, 1.2, id="four times: no more than the most"),
        pytest.param(0.0, 200, {"cam/2": 0.05}, 0.05, 0.05, id="nothing: no less than the least"),
    ],
)
def test_what_a_firmware_reports(uses, who, before, low, high):
    assert low <= factor(uses, who, before) <= high


def test_a_few_who_run_it_have_none():
    assert factor(1.0, 29) is None


def test_those_who_dropped_already_say_nothing_of_it():
    assert factor(0.0, 100, {"cam/2": 0.9}, posterior=0.5) == pytest.approx(0.9)


def test_a_firmware_that_reports_a_third_makes_no_droppers():
    (case,) = [case for case in CASES if "reports a third" in case.says]
    assert case.now(21) <= 5.0


def test_it_is_said_on_its_first_day_only():
    roll = Roll.of_customers(["cam/plus"] * 50, ["cam/1"] * 10 + ["cam/2"] * 40)
    dropped = {REGION: replace(START, firmwares={"cam/2": 0.4, "cam/1": 0.9})}

    def said(yesterday, today):
        events = []
        closed = SimpleNamespace(yesterday=yesterday, provisional=today)
        at = datetime(2026, 6, 2, tzinfo=UTC)
        day = date(2026, 6, 1)
        closing = SimpleNamespace(region="eu", roll=roll, day=day, at=at, closed=closed)
        tell_cohorts(closing, lambda event, **_: events.append(event))
        return events

    assert said({REGION: START}, dropped) == [
        CohortDropped(
            at=datetime(2026, 6, 2, tzinfo=UTC),
            cohort="cam/*/eu",
            day=date(2026, 6, 1),
            factor=0.4,
            members=40,
            firmware="2",
        )
    ]
    assert said(dropped, dropped) == []
