"""A day folded into the states: mask, posterior, baseline, recent level, counters."""

from dataclasses import dataclass, replace

import numpy as np

from services.analytics.domain.day import Day, can_be_judged, next_coverage
from services.analytics.domain.parameters import Parameters
from services.analytics.domain.posterior import after_day
from services.analytics.domain.state import Flags, Floats, States

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
    """

    factor: Floats
    weight: Floats
    dispersion: Floats
    shape: Floats
    rate: Floats
    outage: Flags


def level(states: States, frame: Frame) -> Floats:
    """Lam, the baseline rate: uses per day of weight 1."""
    rate: Floats = (states.uses + frame.shape) / (states.days + frame.rate)
    return rate


def fold_day(states: States, day: Day, frame: Frame, p: Parameters) -> States:
    """The states after a closed day; a skipped or unknown day leaves them as they are."""
    usual = level(states, frame)
    judged = can_be_judged(states, day, usual * frame.weight)
    mu = np.maximum(usual * frame.weight * frame.factor, FLOOR)
    drops = _posterior(states, day, frame, mu, p)
    after = _counted(states, day, judged, drops, p)
    after = _levels(after, states, day, frame, mu, judged, p)
    after = _accept(after, day, p)
    return after.where(day.member & ~frame.outage, _first_coverage(states, day))


def _posterior(
    states: States, day: Day, frame: Frame, mu: Floats, p: Parameters
) -> tuple[Floats, Floats, Floats]:
    k = 1.0 / (1.0 / frame.dispersion + 1.0 / (states.uses + frame.shape))
    before = (states.drop_stop, states.drop_most, states.drop_part)
    after = after_day(before, day.uses, mu, k, p)
    learned = (states.reporting_days >= p.learning) & (states.uses >= p.enough_uses)
    return (
        np.where(learned, after[0], 0.0),
        np.where(learned, after[1], 0.0),
        np.where(learned, after[2], 0.0),
    )


def _counted(
    states: States,
    day: Day,
    judged: Flags,
    drops: tuple[Floats, Floats, Floats],
    p: Parameters,
) -> States:
    """Posterior and counters."""
    stop, most, part = (
        np.where(judged, new, old)
        for new, old in zip(
            drops, (states.drop_stop, states.drop_most, states.drop_part), strict=True
        )
    )
    total = stop + most + part
    above = np.where(total > p.watch, states.days_above + 1, 0)
    onset = np.where(total < 0.1, day.date, states.onset)
    believed = (total > p.watch) & ((stop < 0.5 * total) | (day.date - onset >= p.stop_held))
    alarm = np.where(total < p.recovered, 0, np.maximum(states.alarm, believed))
    alarm = np.where(above >= p.held, 2, alarm)
    return replace(
        states,
        drop_stop=stop,
        drop_most=most,
        drop_part=part,
        coverage=next_coverage(states, day),
        reporting_days=states.reporting_days + judged,
        silent_days=np.where(judged, 0, states.silent_days + 1),
        days_above=np.where(judged, above, states.days_above),
        alarm=np.where(judged, alarm, states.alarm),
        onset=np.where(judged, onset, states.onset),
    )


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
    weight = frame.weight * frame.factor
    learns = judged & (after.posterior < p.frozen_from)
    return replace(
        after,
        uses=np.where(learns, keep * before.uses + day.uses, before.uses),
        days=np.where(learns, keep * before.days + weight, before.days),
        near_uses=np.where(judged, near * before.near_uses + day.uses, before.near_uses),
        near_days=np.where(judged, near * before.near_days + weight, before.near_days),
        recent=np.where(judged, before.recent + fresh * (day.uses - before.recent), before.recent),
        usual=np.where(judged, before.usual + fresh * (mu - before.usual), before.usual),
    )


def _accept(states: States, day: Day, p: Parameters) -> States:
    """After 60 reporting days of a drop the new level is the usual one."""
    accepted = states.days_above >= p.accept_after
    zero = np.zeros_like(states.uses)
    moved = replace(
        states,
        uses=states.near_uses,
        days=states.near_days,
        drop_stop=zero,
        drop_most=zero,
        drop_part=zero,
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
