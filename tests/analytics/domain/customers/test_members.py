"""The members of a region at a closing: whose day is folded, from which inputs."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from services.analytics.domain.customers.at_closing import at_closing
from services.analytics.domain.customers.customer import Customer, Description
from services.analytics.domain.customers.members import (
    Marks,
    Members,
    Told,
    belong,
    first_days,
)
from services.analytics.domain.days import slices
from services.analytics.domain.days.close import close, step
from services.analytics.domain.days.item import pack
from services.analytics.domain.days.local_day import quarter_of
from services.analytics.domain.days.local_items import on_local_days
from services.analytics.domain.days.totals import OpenDays, open_days
from services.analytics.domain.drops.state import COLUMNS
from services.analytics.domain.drops.tiers import NAMES
from services.analytics.domain.risks.numbers import NEW, Coded, numbers, row, steady
from services.analytics.domain.risks.rating import rate
from tests.analytics.domain.arrays import settled

DAY = date(2026, 6, 10)


def ago(days):
    return DAY - timedelta(days=days)


def member(name="ana", *, first=None, base=None, tier="learning", **known):
    """Members with one customer."""
    told = replace(Told.nothing(1), tier=np.array([NAMES.index(tier)]))
    return Members(
        [name],
        [at_closing(Customer(**known), DAY)],
        np.array([0]),
        np.array([(first or ago(60)).toordinal()]),
        Marks.one(base, None),
        told,
    )


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


def days_of(one, inputs, day=DAY):
    """The open days of a closing by which everything has arrived."""
    everything = np.ones(len(inputs.who), dtype=bool)
    oldest = day.toordinal() - 2
    return one.open_days(day.toordinal(), open_days(inputs, len(one.ids), oldest, everything))


def lived(one, base, inputs, day=DAY, before=None):
    """States that became final, and those of the closed day, with the closing."""
    days, roll = days_of(one, inputs, day), one.roll()
    final, _ = step(base, days[0], roll, before or {})
    states = base.take(np.arange(len(one.ids)))
    return states, close(states, days[1:], roll, final), final


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
    days = days_of(one, seen())
    assert [day.date for day in days] == [ago(n).toordinal() for n in (2, 1, 0)]
    assert [bool(day.member[0]) for day in days] == folded


def test_inputs_become_hours_and_days_of_coverage():
    one = member()
    both = Members(
        ["ana", "kim"], one.kinds, *(np.repeat(a, 2) for a in (one.kind, one.first_day)),
        Marks(np.zeros(2), np.zeros(2)), Told.nothing(2),
    )  # fmt: skip
    days = days_of(both, seen((DAY, (0, 1, 3), 43_200), of=1))
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
    there = belong("eu", DAY.toordinal(), one.kinds, one.kind, one.first_day)
    assert there.tolist() == [0] * belongs


def test_a_first_day_is_that_of_where_the_customer_was():
    tokyo = at_closing(Customer(history=(Description(ago(300), "Asia/Tokyo", "jp"),)), DAY)
    utc = at_closing(Customer(), DAY)
    late = quarter_of(datetime.combine(DAY, time(20), UTC))
    days = first_days(
        [tokyo, utc], np.array([0, 1, 0]), np.array([late, late, 96]), DAY.toordinal()
    )
    assert days[:2].tolist() == [DAY.toordinal() + 1, DAY.toordinal()]
    assert days[2] < ago(30).toordinal(), "long ago: which day it was does not matter"


def test_marks_say_what_is_in_the_totals_and_never_go_back():
    at = datetime.combine(DAY, time(), UTC)
    heard = quarter_of(at)
    marks = Marks(np.array([0, ago(1).toordinal()]), np.array([0, heard]))
    later = marks.after(ago(2).toordinal(), at - timedelta(hours=1))
    assert later.day.tolist() == [ago(2).toordinal(), ago(1).toordinal()]
    assert later.heard.tolist() == [heard - 4, heard]
    placed = seen((ago(1), (5,), 0), (DAY, (5,), 0), of=1)
    assert marks.cover(placed).tolist() == [True, False, True, False]


def test_a_closing_makes_the_oldest_day_final_and_the_rest_provisional():
    """Three quiet days: the base has one of them, the present all."""
    one, base = member(base=ago(3), tier="none"), settled()
    inputs = seen(*((ago(n), (), 86_400) for n in range(3)))
    present, closed, _ = lived(one, base, inputs)
    assert base.reporting_days.tolist() == [61]
    assert present.reporting_days.tolist() == [63]
    assert present.posterior[0] > base.posterior[0] > 0
    rated = rate(None, present, DAY.toordinal(), one.told.tier)
    written = numbers(
        "eu", DAY, one, one.roll(), present, closed.provisional, closed.expected, rated, []
    )
    first = row(written, 0)
    assert (first["tier"], first["cohort"], first["customer"]) == ("none", "eu", "ana")
    assert {len(c.of if isinstance(c, Coded) else c) for c in written.values()} == {1}


def test_the_next_closing_goes_on_from_the_base():
    """Closing day after day is folding each day once."""
    one, base, final = member(tier="none"), settled(), {}
    hours = ((), (0,), (1,))
    inputs = seen(*((DAY + timedelta(days=n), hours[n % 3], 86_400) for n in range(-2, 8)))
    for n in range(8):
        present, _, final = lived(one, base, inputs, DAY + timedelta(days=n), final)
    for name in COLUMNS:
        assert getattr(present, name).shape == (1,)
    assert present.reporting_days.tolist() == [70]
    assert base.reporting_days.tolist() == [68]


def test_slices_give_the_bits_of_the_whole(monkeypatch):
    """Every number after three days of 41 customers in slices of 7 is that of one slice."""
    rng, n = np.random.default_rng(5), 41
    known = member()
    everyone = Members(
        [f"c-{i:02d}" for i in range(n)], known.kinds, np.zeros(n, dtype=np.int64),
        np.full(n, ago(60).toordinal()), Marks(np.zeros(n), np.zeros(n)), Told.nothing(n),
    )  # fmt: skip
    shape = (3, n)
    days = everyone.open_days(
        DAY.toordinal(),
        OpenDays(rng.poisson(2.0, shape).astype(float), np.full(shape, 86_400.0)),
    )
    whole, parts = settled(n), settled(n)
    for states, size in ((whole, 50_000), (parts, 7)):
        monkeypatch.setattr(slices, "SLICE", size)
        final, _ = step(states, days[0], everyone.roll(), {})
        close(states, days[1:], everyone.roll(), final)
    for name in COLUMNS:
        assert getattr(whole, name).tobytes() == getattr(parts, name).tobytes(), name


def test_nobody_at_all():
    one = member().of(slice(0, 0))
    present, closed, _ = lived(one, settled(0), seen())
    rated = rate(None, present, DAY.toordinal(), one.told.tier)
    written = numbers(
        "eu", DAY, one, one.roll(), present, closed.provisional, closed.expected, rated, []
    )
    assert written["customer"] == []


@pytest.mark.parametrize(
    ("before", "risk", "tier", "written"),
    [
        pytest.param(NEW, 0.03, 1, 0.03, id="new"),
        pytest.param(0.03, 0.034, 1, 0.03, id="hardly moved: neither it nor an index is written"),
        pytest.param(0.03, 0.036, 1, 0.036, id="moved"),
        pytest.param(0.718, 0.721, 2, 0.721, id="another tier"),
    ],
)
def test_a_risk_is_written_when_it_moved(before, risk, tier, written):
    kept = steady(np.array([before]), np.array([risk]), np.array([tier]), np.array([1]))
    assert kept.tolist() == [written]
