"""A labelled fleet of customers for grading the drop detector: days in, truth beside them.

The defaults are the settings of science.md 2.1. Two engines make the daily uses: negative
binomial (the detector's own family) and log-normal with autocorrelation (not its family).
"""

from dataclasses import dataclass

import numpy as np

MONDAY = 738_000 - 738_000 % 7 + 1  # date.fromordinal(MONDAY).weekday() == 0
KINDS = ("stop", "most", "half", "fade")
KEPT = {"stop": 0.03, "most": 0.30, "half": 0.50}


@dataclass(frozen=True)
class Settings:
    """Switches of the simulator; shares are of customers, rates per month of 30 days."""

    customers: int = 1_500
    days: int = 180
    seed: int = 1
    cohorts: int = 4
    mean_uses: float = 3.7
    rate_spread: float = 0.0  # sd of log rates, clipped 0.5-6 (as tools/fleet); 0: gamma(1.2)
    dispersion: float = 3.0
    drops: float = 0.20
    kinds: tuple[float, ...] = (0.35, 0.25, 0.20, 0.20)  # of KINDS
    lost_heartbeat: float = 0.30  # of the stops
    gaps: float = 0.05
    vacations: float = 0.0
    vacation_days: tuple[int, int] = (7, 14)
    app_only: float = 0.0
    app_too: float = 0.0  # with a device and an app: uses go on through a router outage
    novelty: float = 1.0  # 0: usage never settles
    disturbances: bool = True  # outage days, a cohort outage, a holiday week
    staggered: int = 0  # customers start on days 0 to this
    launch: float = 0.0  # share starting in one week
    log_normal: bool = False  # not the detector's family
    first_drop: int = 60  # days after the customer's start
    last_drop: int = 45  # days before the end
    hours: bool = True  # y = distinct hours instead of uses
    per_session: float = 0.0  # further uses per session
    own_weekdays: float = 0.0  # sd of the logs of what a weekday is to a customer


@dataclass(frozen=True)
class Fleet:
    """Shapes (customers, days) or (customers,). `drop` is the first day of the drop, -1: none."""

    uses: np.ndarray
    coverage: np.ndarray
    cohort: np.ndarray
    start: np.ndarray
    drop: np.ndarray
    kind: np.ndarray
    rate: np.ndarray
    waiting: np.ndarray | None = None  # between two devices
    firmware: np.ndarray | None = None  # names, (customers, days)
    common: np.ndarray | None = None  # share of its usual use that a cohort uses; (cohorts, days)


def simulate(s: Settings) -> Fleet:
    """Play the fleet."""
    rng = np.random.default_rng(s.seed)
    n, days = s.customers, s.days
    t = np.arange(days)
    cohort = rng.integers(0, s.cohorts, n)
    rate = np.maximum(rng.gamma(1.2, s.mean_uses / 1.2, n), 0.15)
    if s.rate_spread > 0.0:
        rate = np.clip(rng.lognormal(np.log(s.mean_uses), s.rate_spread, n), 0.5, 6.0)
    start = _starts(rng, s)
    profile = rng.uniform(0.75, 1.3, (s.cohorts, 7))
    profile /= profile.mean(axis=1, keepdims=True)
    tenure = t[None, :] - start[:, None]
    novelty = 1 + s.novelty * rng.uniform(0, 1, n)[:, None] * np.exp(
        -np.maximum(tenure, 0) / rng.uniform(8, 20, n)[:, None]
    )
    mean = rate[:, None] * profile[cohort][:, t % 7] * novelty
    if s.own_weekdays > 0.0:
        mean = mean * _own_weekdays(s)[:, t % 7]
    common = profile[:, t % 7]
    if s.disturbances:
        disturbed = _disturbances(rng, s)
        mean *= disturbed[cohort]
        common = common * disturbed
    drop, kind, kept = _drops(rng, s, start)
    since = t[None, :] - drop[:, None]
    dropped = (drop[:, None] >= 0) & (since >= 0)
    fade = 0.5 ** (np.maximum(since, 0) / 14.0)
    mean *= np.where(dropped, np.where(kind[:, None] == "fade", fade, kept[:, None]), 1.0)
    away = _spans(rng, s, s.vacations, *s.vacation_days)
    gap = _spans(rng, s, s.gaps, 3, 7)
    mean *= np.where(away, 0.0, 1.0)
    uses = _uses(rng, s, mean)
    lost = dropped & (kind[:, None] == "stop") & (rng.random(n) < s.lost_heartbeat)[:, None]
    app_only = rng.random(n) < s.app_only
    app_too = rng.random(n) < s.app_too
    heard = np.where(gap | lost, 0.0, (rng.random((n, days)) < 0.97) * 0.25 + 0.75)
    uses = np.where(gap & app_too[:, None], rng.binomial(uses.astype(int), 0.4), uses)
    uses = np.where(gap & ~app_too[:, None] & ~app_only[:, None], 0, uses)
    begun = tenure >= 0
    return Fleet(
        uses=np.where(begun, uses, 0).astype(np.float64),
        coverage=np.where(begun & ~app_only[:, None], heard, 0.0),
        cohort=cohort,
        start=start,
        drop=drop,
        kind=kind,
        rate=rate,
        common=common,
    )


def _own_weekdays(s: Settings) -> np.ndarray:
    drawn = np.random.default_rng(s.seed + 7_000).normal(0.0, s.own_weekdays, (s.customers, 7))
    week: np.ndarray = np.exp(drawn)
    return week / week.mean(axis=1, keepdims=True)


def _starts(rng: np.random.Generator, s: Settings) -> np.ndarray:
    start = rng.integers(0, s.staggered + 1, s.customers)
    week = s.staggered // 2 + rng.integers(0, 7, s.customers)
    return np.where(rng.random(s.customers) < s.launch, week, start)


def _drops(
    rng: np.random.Generator, s: Settings, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = s.customers
    earliest = start + s.first_drop
    when = earliest + (rng.random(n) * np.maximum(s.days - s.last_drop - earliest, 1)).astype(int)
    chosen = (rng.random(n) < s.drops) & (earliest < s.days - s.last_drop)
    drop = np.where(chosen, when, -1)
    kind = rng.choice(KINDS, n, p=s.kinds)
    kept = np.array([KEPT.get(k, 1.0) for k in kind])
    return drop, kind, kept


def _spans(
    rng: np.random.Generator, s: Settings, per_month: float, low: int, high: int
) -> np.ndarray:
    """Random spans of `low` to `high` days, shape (customers, days)."""
    begins = rng.random((s.customers, s.days)) < per_month / 30.0
    length = rng.integers(low, high + 1, (s.customers, s.days))
    until = np.where(begins, np.arange(s.days)[None, :] + length, 0)
    spans: np.ndarray = np.maximum.accumulate(until, axis=1) > np.arange(s.days)[None, :]
    return spans


def _disturbances(rng: np.random.Generator, s: Settings) -> np.ndarray:
    factor = np.ones((s.cohorts, s.days))
    for day in rng.choice(np.arange(20, s.days), 2, replace=False):
        factor[:, day] = 0.15
    day = rng.integers(20, s.days - 2)
    factor[rng.integers(0, s.cohorts), day : day + 2] = 0.2
    week = rng.integers(20, s.days - 7)
    factor[:, week : week + 7] *= 0.6
    return factor


def _uses(rng: np.random.Generator, s: Settings, mean: np.ndarray) -> np.ndarray:
    if s.log_normal:
        noise = np.zeros_like(mean)
        noise[:, 0] = rng.normal(0, 0.5, len(mean))
        for t in range(1, mean.shape[1]):
            noise[:, t] = 0.3 * noise[:, t - 1] + rng.normal(0, 0.5, len(mean))
        sd = 0.5 / np.sqrt(1 - 0.09)
        sessions = np.floor(mean * np.exp(noise - sd * sd / 2) + rng.random(mean.shape))
        sessions = sessions.astype(np.int64)
    else:
        sessions = rng.poisson(mean * rng.gamma(s.dispersion, 1 / s.dispersion, mean.shape))
    if s.hours:
        return _distinct_hours(rng, sessions)
    if s.per_session > 0.0:
        extra = rng.negative_binomial(np.maximum(sessions, 1), 1 / (1 + s.per_session))
        return np.where(sessions > 0, sessions + extra, 0)
    return sessions


def _distinct_hours(rng: np.random.Generator, sessions: np.ndarray) -> np.ndarray:
    """Hours with at least one session: sessions follow a day with two peaks."""
    day = np.array([1, 1, 1, 1, 1, 2, 5, 8, 6, 4, 4, 4, 5, 4, 4, 4, 5, 8, 9, 8, 7, 5, 3, 2.0])
    flat = sessions.ravel()
    cell = np.repeat(np.arange(len(flat)), flat)
    hour = np.searchsorted(np.cumsum(day / day.sum())[:-1], rng.random(len(cell)))
    seen = np.zeros((len(flat), 24), dtype=bool)
    seen[cell, hour] = True
    return seen.sum(axis=1).reshape(sessions.shape)
