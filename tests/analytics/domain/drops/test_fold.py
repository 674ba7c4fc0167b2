"""One day folded: posterior, baseline, counters, alarm."""

from dataclasses import replace

import numpy as np
import pytest

from services.analytics.domain.drops.fold import came_back, fold_day
from services.analytics.domain.drops.parameters import STANDARD
from services.analytics.domain.drops.posterior import Beliefs, Chances, after_day
from services.analytics.domain.drops.state import COLUMNS
from tests.analytics.domain.arrays import DATE, day, frame, settled, states


def fold(known, *days, at=DATE, **framed):
    for n, seen in enumerate(days):
        known = fold_day(known, replace(seen, date=at + n), frame(**framed), STANDARD)
    return known


def same(one, other):
    return all(getattr(one, name).tolist() == getattr(other, name).tolist() for name in COLUMNS)


CHANCES = Chances(
    drop=np.full(1, 0.002),
    leave=np.full(1, 0.001),
    stay=np.full(1, 10.0),
    away=np.full(1, STANDARD.away_share),
)
NONE = (np.zeros(1), np.zeros(1), np.zeros(1))


def test_posterior_of_one_day_by_hand():
    # y 0, mu 2, k 2, rho 0.05: ((2 + 2) / (2 + 0.1))^2 = 3.628; 0.3: (4 / 2.6)^2 = 2.367;
    # 0.6: (4 / 3.2)^2 = 1.5625; away, 0.02: (4 / 2.04)^2 = 3.8447; priors 0.002 / 3, away 0.001
    found = after_day(
        Beliefs(NONE, NONE), np.zeros(1), np.full(1, 2.0), np.full(1, 2.0), CHANCES, STANDARD
    )
    total = 0.997 + (3.6281 + 2.3669 + 1.5625) * 0.002 / 3 + 0.001 * 3.8447
    wanted = [0.002 / 3 * ratio / total for ratio in (3.6281, 2.3669, 1.5625)]
    assert [f[0] for f in found.drops] == pytest.approx(wanted, rel=1e-4)
    assert found.away[0][0] == pytest.approx(0.001 * 3.8447 / total, rel=1e-4)


def test_posterior_never_reaches_one():
    sure = Beliefs((np.full(1, 0.9999), np.zeros(1), np.zeros(1)), NONE)
    found = after_day(sure, np.zeros(1), np.full(1, 50.0), np.full(1, 3.0), CHANCES, STANDARD)
    assert sum(f[0] for f in (*found.drops, *found.away)) == pytest.approx(0.9999)


def test_who_comes_back_after_a_week_was_away_and_has_not_dropped():
    known = fold(settled(), *[day(uses=0)] * 7)
    assert known.away[0] > known.posterior[0]
    back = fold(known, day(uses=3), at=DATE + 7)
    assert (back.alarm[0], back.unusual[0] < 0.2) == (0, True)


def test_who_stops_is_believed_to_have_dropped_once_an_absence_would_have_ended():
    known = fold(settled(), day(uses=3))
    found = []
    for n in range(1, 61):
        known = fold(known, day(uses=0), at=DATE + n)
        found.append((float(known.posterior[0]), int(known.alarm[0])))
    alarms = [alarm for _, alarm in found]
    assert 8 <= alarms.index(1) + 1 <= 24
    assert alarms.index(2) == alarms.index(1) + 13
    assert found[-1][0] > 0.99


def test_who_uses_nothing_is_never_declared_well():
    known = fold(settled(), *[day(uses=0)] * 200)
    assert known.alarm.tolist() == [2]
    assert known.posterior[0] > 0.9
    assert known.accepted.tolist() == [0]
    assert fold(known, *[day(uses=3)] * 12, at=DATE + 200).alarm.tolist() == [0]


def test_absences_of_ones_own_make_the_next_one_expected():
    often = settled(reporting_days=300, absences=8, absent_days=112)
    seldom = settled(reporting_days=300)
    quiet = [day(uses=0)] * 16
    assert fold(often, *quiet).posterior[0] < 0.5 * fold(seldom, *quiet).posterior[0]


def test_a_usual_day_changes_little():
    after = fold(settled(), day(uses=3))
    assert after.posterior[0] < 0.003
    assert after.onset[0] == DATE
    assert after.uses[0] / after.days[0] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("seen", "framed"),
    [
        pytest.param(day(uses=0, member=False), {}, id="not yet a customer"),
        pytest.param(day(uses=0), {"outage": True}, id="collection failed"),
    ],
)
def test_days_that_leave_everything_as_it_was(seen, framed):
    assert same(fold(settled(), seen, **framed), settled())


def test_a_day_of_silence_only_counts_silence():
    after = fold(settled(), day(uses=0, coverage=0))
    assert same(replace(after, silent_days=np.zeros(1, dtype=np.int64)), settled())
    assert after.silent_days.tolist() == [1]
    assert fold(after, day(uses=0)).silent_days.tolist() == [0]


def test_after_five_days_unheard_ones_are_judged_by_what_was_used():
    quiet = day(uses=0, coverage=0)
    short = fold(settled(), *[quiet] * 5)
    assert (short.reporting_days[0], short.posterior[0]) == (60, 0.0)
    month = fold(short, *[quiet] * 25, at=DATE + 5)
    assert (month.silent_days[0], month.reporting_days[0]) == (30, 85)
    assert month.posterior[0] > STANDARD.watch
    back = fold(month, *[day(uses=3)] * 12, at=DATE + 30)
    assert (back.silent_days[0], back.alarm[0]) == (0, 0)


def test_a_day_on_which_everybody_is_quiet_says_nothing_of_one():
    alone = fold(settled(), *[day(uses=0)] * 3).posterior[0]
    with_all = fold(settled(), *[day(uses=0)] * 3, factor=0.05).posterior[0]
    assert alone > 10 * with_all


def test_the_baseline_is_frozen_while_a_drop_is_likely():
    after = fold(settled(drop_stop=0.9), day(uses=0))
    assert after.uses.tolist() == [120.0]
    assert after.near_uses[0] < 60.0


def test_no_verdict_while_learning():
    young = settled(reporting_days=13)
    assert fold(young, day(uses=0)).posterior.tolist() == [0.0]
    assert fold(settled(reporting_days=14), day(uses=0)).posterior[0] > 0


def test_who_never_used_cannot_drop():
    stuck = states(reporting_days=60, days=40.0, coverage=1.0)
    assert fold(stuck, *[day(uses=0)] * 30).posterior.tolist() == [0.0]


def test_a_partial_drop_is_told_at_once():
    known = settled(drop_part=0.7, onset=DATE - 3)
    assert fold(known, day(uses=0)).alarm.tolist() == [1]


def test_an_alarm_ends_below_a_fifth_and_not_before():
    alarmed = settled(drop_part=0.8, alarm=2)
    assert fold(alarmed, day(uses=4)).alarm.tolist() == [2]
    assert fold(alarmed, *[day(uses=5)] * 8).alarm.tolist() == [0]


def test_after_sixty_days_the_new_level_is_the_usual_one():
    known = settled(drop_most=0.999, alarm=2, days_above=59, near_uses=10.0, near_days=20.0)
    after = fold(known, day(uses=0))
    assert after.alarm.tolist() == [0]
    assert after.posterior.tolist() == [0.0]
    assert after.accepted.tolist() == [DATE]
    assert after.uses[0] / after.days[0] == pytest.approx(0.5, abs=0.05)
    one_less = fold(replace(known, days_above=np.full(1, 58)), day(uses=0))
    assert one_less.alarm.tolist() == [2]


def test_the_first_partial_day_teaches_that_heartbeats_exist():
    after = fold(states(), day(uses=1, coverage=0.25, member=False))
    assert after.coverage.tolist() == [0.25]
    assert after.uses.tolist() == [0.0]


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        pytest.param({}, True, id="two months away, and as before"),
        pytest.param(
            {"gap_longest": 10}, False, id="used something meanwhile: it was a false alarm"
        ),
        pytest.param({"onset": DATE - 5}, False, id="too short"),
        pytest.param({"alarm": 0}, False, id="nobody took it for a drop"),
        pytest.param({"onset": 0}, False, id="never well"),
    ],
)
def test_who_was_taken_for_dropped_and_is_as_before_was_away(changed, counts):
    before = settled(**{"alarm": 2, "onset": DATE - 70, "gap_longest": 65, **changed})
    after = replace(before, alarm=np.zeros(1, dtype=np.int64))
    assert came_back(before, after, day(), STANDARD).tolist() == [counts]
    accepted = replace(after, accepted=np.full(1, DATE))
    assert not came_back(before, accepted, day(), STANDARD)[0]
