"""The members of a region at a closing: whose day is folded, from which inputs."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.analytics.domain.customers.at_closing import at_closing
from services.analytics.domain.customers.customer import Customer, Description
from services.analytics.domain.customers.members import Marks, Member, Members
from services.analytics.domain.days.close import close
from services.analytics.domain.days.item import pack
from services.analytics.domain.days.local_day import quarter_of
from services.analytics.domain.days.local_items import on_local_days
from services.analytics.domain.drops.state import COLUMNS, States
from services.analytics.domain.risks.rating import rate
from tests.analytics.domain.arrays import settled

DAY = date(2026, 6, 10)
CLOSING = 1  # everything in these tests has arrived by 1970


def ago(days):
    return DAY - timedelta(days=days)


def member(name="ana", *, first=None, base=None, tier=None, **known):
    first_day = (first or ago(60)).toordinal()
    return Member(name, at_closing(Customer(**known), DAY), first_day, base, None, tier)


def seen(*days, of=0):
    """Items of (day, hours with a use, seconds covered), placed for `members`."""
    items = [
        ((quarter_of(datetime.combine(day, time(hour), UTC)), 0, 0), [1, 0, 0, 0, 0])
        for day, hours, _ in days
        for hour in hours
    ]
    items += [
        ((quarter_of(datetime.combine(day, time(), UTC)), 0, 0), [0, covered, 0, 0, 0])
        for day, _, covered in days
    ]
    return on_local_days(
        [pack(items)] if items else [], [of] if items else [], [(Description(),)] * (of + 1)
    )


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
    days = members(one).open_days(DAY, seen(), CLOSING)
    assert [day.date for day in days] == [ago(n).toordinal() for n in (2, 1, 0)]
    assert [bool(day.member[0]) for day in days] == folded


def test_inputs_become_hours_and_days_of_coverage():
    inputs = seen((DAY, (0, 1, 3), 43_200), of=1)
    days = members(member(), member("kim")).open_days(DAY, inputs, CLOSING)
    assert days[-1].uses.tolist() == [0.0, 3.0]
    assert days[-1].coverage.tolist() == [0.0, 0.5]


@pytest.mark.parametrize(
    ("one", "belongs"),
    [
        pytest.param(member(history=(Description(DAY, "UTC", "eu"),)), True, id="of the region"),
        pytest.param(member(), False, id="of another"),
        pytest.param(
            member(history=(Description(DAY, "UTC", "eu"),), first=DAY + timedelta(days=1)),
            False,
            id="not begun",
        ),
        pytest.param(
            member(history=(Description(DAY, "UTC", "eu"),), erased_from=DAY), False, id="erased"
        ),
    ],
)
def test_who_belongs_to_a_region(one, belongs):
    everyone = Members.of([one, member("z")], settled(2, uses=7.0), "eu", DAY)
    assert [m.id for m in everyone.all] == ["ana"] * belongs
    assert everyone.base.uses.tolist() == [7.0] * belongs


def test_marks_say_what_is_in_the_totals_and_never_go_back():
    at = datetime.combine(DAY, time(), UTC)
    marks = Marks.of([(None, None), (ago(1), at)])
    later = marks.after(ago(2), at - timedelta(hours=1))
    assert later.columns() == {
        "day": [ago(2), ago(1)],
        "heard_until": [at - timedelta(hours=1), at],
    }
    placed = seen((ago(1), (5,), 0), (DAY, (5,), 0), of=1)
    assert marks.cover(placed).tolist() == [True, False, True, False]


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
    inputs = seen(*((ago(n), (), 86_400) for n in range(3)))
    closed = close(everyone.base, everyone.open_days(DAY, inputs, CLOSING), everyone.roll(), {})
    assert closed.base.reporting_days.tolist() == [61]
    assert closed.present.reporting_days.tolist() == [63]
    assert closed.present.posterior[0] > closed.base.posterior[0] > 0
    rated = rate(None, closed.present, DAY.toordinal(), everyone.before())
    numbers = everyone.numbers("eu", DAY, everyone.roll(), closed, rated, [])
    assert numbers["tier"] == ["none"]
    assert numbers["cohort"] == ["eu"]
    assert {len(values) for values in numbers.values()} == {1}


def test_the_next_closing_goes_on_from_the_base():
    """Closing day after day is folding each day once."""
    everyone = members(member(tier="none"), base=settled())
    hours = ((), (0,), (1,))
    inputs = seen(*((DAY + timedelta(days=n), hours[n % 3], 86_400) for n in range(-2, 8)))
    base, final = everyone.base, {}
    for n in range(8):
        day = DAY + timedelta(days=n)
        closed = close(base, everyone.open_days(day, inputs, CLOSING), everyone.roll(), final)
        base, final = closed.base, closed.final
    for name in COLUMNS:
        assert getattr(closed.present, name).shape == (1,)
    assert closed.present.reporting_days.tolist() == [70]
    assert base.reporting_days.tolist() == [68]


def test_nobody_at_all():
    nobody = members()
    closed = close(nobody.base, nobody.open_days(DAY, seen(), CLOSING), nobody.roll(), {})
    rated = rate(None, closed.present, DAY.toordinal(), nobody.before())
    assert nobody.numbers("eu", DAY, nobody.roll(), closed, rated, [])["customer"] == []
