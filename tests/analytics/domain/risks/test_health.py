"""Health: what the risk leaves, and where it lies."""

from datetime import date, timedelta

import pytest

from services.analytics.domain.days.totals import DaySum
from services.analytics.domain.risks.health import health

TODAY = date(2026, 6, 10)


def days(*seen, **more):
    return {TODAY - timedelta(days=n): DaySum(uses=2, hours=0b11, **more) for n in seen}


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        pytest.param({"risk_90": 0.03}, "overall", 97, id="well"),
        pytest.param({"risk_90": 0.99}, "overall", 1, id="gone is not at 97"),
        pytest.param({"risk_90": None}, "overall", None, id="not learned yet"),
        pytest.param({"recent": 1.0, "usual": 4.0}, "usage", 25, id="a quarter is left"),
        pytest.param({"recent": 9.0, "usual": 4.0}, "usage", 100, id="more than usual"),
        pytest.param({"judged": False}, "usage", None, id="too early"),
        pytest.param({"days": days(1, 2)}, "support", 100, id="no ticket"),
        pytest.param({"days": days(1, 2, tickets=1)}, "support", 25, id="two tickets"),
        pytest.param({"days": days(40, tickets=1)}, "support", 100, id="an old ticket"),
        pytest.param({"days": days(1, faults=2)}, "product", 60, id="faults and two hours of use"),
        pytest.param({"days": days(1)}, "product", 100, id="no fault"),
        pytest.param({"days": days(27, 20, 1)}, "onboarding", 75, id="three of four weeks"),
        pytest.param({"days": days(90, 1)}, "onboarding", None, id="no longer new"),
        pytest.param({"days": {}}, "onboarding", None, id="never used"),
    ],
)
def test_health(given, name, expected):
    known = {"risk_90": 0.1, "recent": 3.0, "usual": 3.0, "days": {}, "judged": True, **given}
    assert getattr(health(today=TODAY, **known), name) == expected
