"""The members of a region at a closing: whose day is folded, from which inputs."""

from datetime import date, timedelta

import pytest

from services.analytics.domain.close import close
from services.analytics.domain.customer import Customer
from services.analytics.domain.members import Member, Members
from services.analytics.domain.state import COLUMNS, States
from tests.analytics.domain.arrays import settled

DAY = date(2026, 6, 10)


def ago(days):
    return DAY - timedelta(days=days)


def member(name="ana", *, first=None, base=None, tier=None):
    return Member(name, Customer(), first or ago(60), base, tier, None, None)


def members(*all_of_them, base=None):
    return Members(all_of_them, base or States.new(len(all_of_them)))


@pytest.mark.parametrize(
    ("one", "folded"),
    [
        pytest.param(member(base=ago(3)), [True, True, True], id="known for long"),
        pytest.param(member(), [True, True, True], id="never folded"),
        pytest.param(member(first=ago(1)), [False, False, True], id="the first day is partial"),
        pytest.param(member(first=DAY), [False, False, False], id="first seen on the closed day"),
        pytest.param(member(base=ago(2)), [False, True, True], id="from a region a day ahead"),
        pytest.param(member(base=ago(9)), [True, True, True], id="from a region far behind"),
    ],
)
def test_which_open_days_are_folded(one, folded):
    days = members(one).open_days(DAY, {})
    assert [day.date for day in days] == [ago(n).toordinal() for n in (2, 1, 0)]
    assert [bool(day.member[0]) for day in days] == folded


def test_inputs_become_hours_and_days_of_coverage():
    days = members(member(), member("kim")).open_days(DAY, {("kim", DAY): (0b1011, 43_200.0)})
    assert days[-1].uses.tolist() == [0.0, 3.0]
    assert days[-1].coverage.tolist() == [0.0, 0.5]


@pytest.mark.parametrize(
    ("tier", "told"),
    [
        pytest.param(None, "none", id="new"),
        pytest.param("learning", "none", id="learning"),
        pytest.param("watch", "watch", id="watch"),
        pytest.param("at_risk", "at_risk", id="at risk"),
    ],
)
def test_what_the_others_know(tier, told):
    assert member(tier=tier).told == told


def test_a_closing_makes_the_oldest_day_final_and_the_rest_provisional():
    """Three quiet days: the base has one of them, the present all."""
    everyone = members(member(base=ago(3), tier="none"), base=settled())
    inputs = {("ana", ago(n)): (0, 86_400.0) for n in range(3)}
    closed = close(everyone.base, everyone.open_days(DAY, inputs), everyone.roll(DAY), {})
    assert closed.base.reporting_days.tolist() == [61]
    assert closed.present.reporting_days.tolist() == [63]
    assert closed.present.posterior[0] > closed.base.posterior[0] > 0
    numbers = everyone.numbers("eu", DAY, everyone.roll(DAY), closed, [])
    assert numbers["tier"] == ["none"]
    assert numbers["cohort"] == ["eu"]
    assert {len(values) for values in numbers.values()} == {1}


def test_the_next_closing_goes_on_from_the_base():
    """Closing day after day is folding each day once."""
    everyone = members(member(tier="none"), base=settled())
    seen = {("ana", DAY + timedelta(days=n)): (n % 3, 86_400.0) for n in range(-2, 8)}
    base, final = everyone.base, {}
    for n in range(8):
        day = DAY + timedelta(days=n)
        closed = close(base, everyone.open_days(day, seen), everyone.roll(day), final)
        base, final = closed.base, closed.final
    for name in COLUMNS:
        assert getattr(closed.present, name).shape == (1,)
    assert closed.present.reporting_days.tolist() == [70]
    assert base.reporting_days.tolist() == [68]


def test_nobody_at_all():
    nobody = members()
    closed = close(nobody.base, nobody.open_days(DAY, {}), nobody.roll(DAY), {})
    assert nobody.numbers("eu", DAY, nobody.roll(DAY), closed, [])["customer"] == []
