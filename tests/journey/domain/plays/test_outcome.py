"""What a play brings about: shares of those observed, and intervals that hold the truth."""

from math import sqrt
from random import Random

import pytest

from services.journey.domain.plays.outcome import Runs, curve, lift


def runs(fate, days, many, *, control=False):
    return Runs(control, 1, fate, days, many)


def test_without_anybody_lost_from_sight_it_is_the_share_and_its_binomial_error():
    found = curve([runs("reached", 0, 20), runs("reached", 3, 30), runs("waiting", 9, 50)])
    assert found.runs == 100
    assert found.shares == pytest.approx([0.2] * 3 + [0.5] * 6)
    assert found.errors[-1] == pytest.approx(sqrt(0.5 * 0.5 / 100))


def test_who_is_lost_from_sight_is_counted_as_long_as_seen():
    """Of 40, 20 are not seen beyond the first day; on the second 5 of the other 20 reach it."""
    found = curve([runs("unseen", 0, 20), runs("reached", 1, 5), runs("waiting", 5, 15)])
    assert found.shares[1] == pytest.approx(5 / 20)
    assert found.errors[1] == pytest.approx(sqrt(0.25 * 0.75 / 20))


def test_who_left_cannot_reach_it_any_more():
    found = curve([runs("left", 0, 20), runs("reached", 1, 10), runs("waiting", 5, 10)])
    assert found.shares[-1] == pytest.approx(10 / 40)


def test_a_day_of_which_too_few_are_seen_is_not_drawn():
    found = curve([runs("reached", 0, 5), runs("waiting", 2, 20), runs("waiting", 40, 9)])
    assert len(found.shares) == 2
    assert curve([]).shares == ()
    assert len(curve([runs("waiting", 10**6, 50)]).shares) == 180


def test_too_few_or_nobody_to_compare_with_is_no_lift():
    many = curve([runs("reached", 0, 10), runs("waiting", 1, 90)])
    few = curve([runs("reached", 0, 2), runs("waiting", 1, 15)])
    assert lift(many, few) is None
    assert lift(few, many) is None
    assert lift(many, curve([])) is None
    assert lift(many, many).difference == 0


def lived(random, hazard, many, *, control):
    """Runs of which each day a part reaches the goal, a few leave, and some are lost from sight."""
    found = []
    for _ in range(many):
        end = random.randint(3, 25)  # entered at different times
        for day in range(end):
            if random.random() < hazard:
                found.append(runs("reached", day, 1, control=control))
                break
            if random.random() < 0.02:
                found.append(runs(random.choice(["left", "unseen"]), day, 1, control=control))
                break
        else:
            found.append(runs("waiting", end, 1, control=control))
    return found


def true_share(hazard, days):
    share, alive = 0.0, 1.0
    for _ in range(days):
        share += alive * hazard
        alive *= (1 - hazard) * (1 - 0.01)  # half of the two in a hundred leave
    return share


def test_intervals_hold_the_true_difference_as_often_as_they_say():
    random, held, signs = Random(7), 0, []
    for _ in range(200):
        found = lift(
            curve(lived(random, 0.06, 150, control=False)),
            curve(lived(random, 0.03, 60, control=True)),
        )
        truth = true_share(0.06, found.days) - true_share(0.03, found.days)
        held += found.low <= truth <= found.high
        signs.append(found.difference - truth)
    assert held >= 200 * 0.90
    assert abs(sum(signs) / len(signs)) < 0.02
