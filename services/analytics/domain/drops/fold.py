"""A day folded into the states: mask, posterior, baseline, recent level, counters."""

from dataclasses import dataclass, replace

import numpy as np

from services.analytics.domain.drops import seasons
from services.analytics.domain.drops.day import Day, can_be_judged, next_coverage
from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.posterior import Beliefs, Chances, after_day
from services.analytics.domain.drops.state import Flags, Floats, Ints, States
from services.analytics.domain.drops.trend import for_long
from services.analytics.domain.drops.weeks import WEEKS, chance, learned, own, ratios

OWN_DAYS = 180.0  # of a customer's own that the cohort's rate of absences is worth
MOST_LEAVE = 0.05  # a day: who is away half of the time
CLEAR = 1.3  # nats a day without use surprises by: seven of them are one in ten thousand
FLOOR = 0.001  # uses a day that are always expected, so that no ratio is undefined


@dataclass(frozen=True, slots=True)
class Frame:
    """What was frozen for the day, spread over the customers; arrays of shape (n,).

    Attributes:
        factor: the cohort's day factor g.
        weight: its weekday's weight.
        dispersion: its k.
        shape: a0 of its prior.
        rate: b0 of its prior.
        outage: collection failed: the day is skipped.
        hazard: the cohort's probability of a drop on a day.
        leave: of going away.
        differ: how much the cohort's customers differ in their weeks.
        own: what the weekday is to the customer, of what it is to the cohort.
    """

    factor: Floats
    weight: Floats
    dispersion: Floats
    shape: Floats
    rate: Floats
    outage: Flags
    hazard: Floats
    leave: Floats
    differ: Floats
    own: Floats
    weekday: int

    @property
    def usual(self) -> Floats:
        """The customer's own weight of the weekday."""
        weight: Floats = self.weight * self.own
        return weight


def level(states: States, frame: Frame) -> Floats:
    """Lam, the baseline rate: uses per day of weight 1."""
    rate: Floats = (states.uses + frame.shape) / (states.days + frame.rate)
    return rate


def with_own(states: States, frame: Frame, p: Parameters = STANDARD) -> Frame:
    """The frame with what the weekday is to each customer."""
    if not p.own_weeks:
        return frame
    expected = level(states, frame) * frame.weight
    noise = chance(expected, frame.dispersion, states.reporting_days)
    return replace(
        frame, own=own(states.week, frame.weekday, frame.differ, noise, states.reporting_days)
    )


def differs(states: States, frame: Frame) -> Floats:
    """How much more of a weekday is seen than of the cohort's, less chance; NaN: too little is."""
    noise = chance(level(states, frame) * frame.weight, frame.dispersion, states.reporting_days)
    seen = (ratios(states.week)[frame.weekday] - 1.0) ** 2 - noise
    known = states.reporting_days >= 7.0 * WEEKS
    more: Floats = np.where(known, seen, np.nan)
    return more


def fold_day(states: States, day: Day, frame: Frame, p: Parameters) -> States:
    """The states after a closed day; a skipped or unknown day leaves them as they are."""
    usual = level(states, frame)
    heard = can_be_judged(states, day, usual * frame.usual)
    judged = heard | (day.member & ~day.waiting & (states.silent_days >= p.unheard))
    mu = np.maximum(usual * frame.usual * frame.factor, FLOOR)
    beliefs = _beliefs(states, day, frame, mu, p)
    after = _counted(states, day, heard, judged, beliefs, p)
    after = _levels(after, states, day, frame, mu, judged, p)
    after = _accept(after, day, p)
    return after.where(day.member & ~frame.outage & ~day.waiting, _first_coverage(states, day))


def _beliefs(states: States, day: Day, frame: Frame, mu: Floats, p: Parameters) -> Beliefs:
    k = 1.0 / (1.0 / frame.dispersion + 1.0 / (states.uses + frame.shape))
    before = Beliefs(
        (states.drop_stop, states.drop_most, states.drop_part),
        (states.away_first, states.away_second, states.away_third),
    )
    after = after_day(before, day.uses, mu, k, _chances(states, day.date, frame, p), p)
    learned = (states.reporting_days >= p.learning) & (states.uses >= p.enough_uses)
    return after.scaled(np.where(learned, 1.0, 0.0))


def _chances(states: States, date: int, frame: Frame, p: Parameters) -> Chances:
    """The cohort's rates; of absences also the customer's own, as far as there were any.

    In a season that was there last year, to use as little as then is an absence of so much.
    """
    own = OWN_DAYS + states.reporting_days
    leave = np.minimum((frame.leave * own + states.absences) / own, MOST_LEAVE)
    stay = (2.0 * p.stay + states.absent_days) / (2.0 + states.absences)
    if not p.own_weeks:
        return Chances(frame.hazard, leave, stay, np.full_like(leave, p.away_share))
    share, season = seasons.shares(states.season, date)
    return Chances(
        drop=np.where(season, frame.hazard * share, frame.hazard),
        leave=np.where(season, MOST_LEAVE, leave),
        stay=np.where(season, seasons.STAY, stay),
        away=np.where(share < 1.0, np.maximum(share, p.away_share), p.away_share),
    )


def clear(states: States, expected: Floats, dispersion: Floats, p: Parameters) -> Flags:
    """Whose silence says something within a week: they use enough, on most days."""
    surprise = dispersion * np.log1p(expected / dispersion)  # of a day without use, nats
    said: Flags = (surprise >= CLEAR) & (states.reporting_days >= p.learning)
    return said


def returned(
    states: States, day: Day, expected: Floats, dispersion: Floats, p: Parameters
) -> Flags:
    """Who uses something again after an absence: so long that it was no accident."""
    gap = day.date - states.used_last
    back: Flags = (
        clear(states, expected, dispersion, p)
        & (states.used_days > 0)
        & (day.uses > 0.0)
        & (gap > p.absence)
        & (states.silent_days == 0)
        & (states.alarm == 0)
    )
    return back


def came_back(before: States, after: States, day: Day, p: Parameters) -> Flags:
    """Who was taken for dropped and is as before: an absence, only longer than was believed."""
    gone = day.date - before.onset
    back: Flags = (
        (before.alarm > 0)
        & (after.alarm == 0)
        & (after.accepted != day.date)
        & (before.onset > 0)
        & (gone > p.absence)
        & (2 * before.gap_longest >= gone)
    )
    return back


def _counted(
    states: States, day: Day, heard: Flags, judged: Flags, beliefs: Beliefs, p: Parameters
) -> States:
    """Beliefs and counters."""
    stop, most, part = beliefs.drops
    total = stop + most + part
    above = np.where(total > p.watch, states.days_above + 1, 0)
    onset = np.where(total + sum(beliefs.away) < 0.1, day.date, states.onset)
    alarm = np.where(total < p.recovered, 0, np.maximum(states.alarm, total > p.watch))
    alarm = np.where(above >= p.held, 2, alarm)
    counted = replace(
        states,
        drop_stop=stop,
        drop_most=most,
        drop_part=part,
        away_first=beliefs.away[0],
        away_second=beliefs.away[1],
        away_third=beliefs.away[2],
        reporting_days=states.reporting_days + 1,
        silent_days=np.where(heard, 0, states.silent_days + 1),
        days_above=above,
        alarm=alarm,
        onset=onset,
    )
    unheard = replace(states, silent_days=states.silent_days + 1)
    return replace(counted.where(judged, unheard), coverage=next_coverage(states, day))


def _levels(
    after: States,
    before: States,
    day: Day,
    frame: Frame,
    mu: Floats,
    judged: Flags,
    p: Parameters,
) -> States:
    """Baseline (frozen while a drop is likely), 30-day level, recent and expected level."""
    keep, near = 0.5 ** (1.0 / p.half_life), 0.5 ** (1.0 / 15.0)
    fresh = 1.0 - 0.5 ** (1.0 / p.recent_half_life)
    weight = frame.usual * frame.factor
    learns = judged & (after.unusual < p.frozen_from)
    own_learns = learns & p.own_weeks
    ratio = day.uses / np.maximum(level(before, frame) * frame.weight * frame.factor, FLOOR)
    recent = np.where(judged, before.recent + fresh * (day.uses - before.recent), before.recent)
    return replace(
        after,
        uses=np.where(learns, keep * before.uses + day.uses, before.uses),
        days=np.where(learns, keep * before.days + weight, before.days),
        near_uses=np.where(judged, near * before.near_uses + day.uses, before.near_uses),
        near_days=np.where(judged, near * before.near_days + weight, before.near_days),
        recent=recent,
        usual=np.where(judged, before.usual + fresh * (mu - before.usual), before.usual),
        week=np.where(
            own_learns,
            learned(before.week, frame.weekday, ratio, before.reporting_days),
            before.week,
        ),
        season=_season(before, recent, day, judged, p),
    )


def _season(before: States, recent: Floats, day: Day, judged: Flags, p: Parameters) -> Ints:
    """What of the year's pace is seen lately, of the span that ends today."""
    if not p.own_weeks or not seasons.ends(day.date):
        return before.season
    year = for_long(before, day.date - 1)
    seen = np.where(judged & (year > 0.0), recent / np.maximum(year, FLOOR), np.nan)
    return seasons.learned(before.season, day.date, seen)


def _accept(states: States, day: Day, p: Parameters) -> States:
    """After 60 reporting days of a drop the new level is the usual one, if it is one.

    Who uses next to nothing has lapsed: that ends with use, not with time.
    """
    left = (states.near_uses / np.maximum(states.near_days, FLOOR)) / np.maximum(
        states.uses / np.maximum(states.days, FLOOR), FLOOR
    )
    accepted = (states.days_above >= p.accept_after) & (left >= p.accept_from)
    zero = np.zeros_like(states.uses)
    moved = replace(
        states,
        uses=states.near_uses,
        days=states.near_days,
        drop_stop=zero,
        drop_most=zero,
        drop_part=zero,
        away_first=zero,
        away_second=zero,
        away_third=zero,
        days_above=np.zeros_like(states.days_above),
        alarm=np.zeros_like(states.alarm),
        accepted=np.full_like(states.accepted, day.date),
    )
    return moved.where(accepted, states)


def _first_coverage(states: States, day: Day) -> States:
    """The partial first day teaches nothing but that heartbeats exist."""
    heard = day.coverage > 0.0
    started = (states.coverage == 0.0) & heard & ~day.member
    return replace(states, coverage=np.where(started, day.coverage, states.coverage))
