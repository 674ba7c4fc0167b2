"""From the states to the tier a person acts on, and the numbers beside it."""

from typing import Final

import numpy as np

from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.state import Floats, Ints, States

LEARNING: Final = 0
NONE: Final = 1
WATCH: Final = 2
AT_RISK: Final = 3
NAMES: Final = ("learning", "none", "watch", "at_risk")
HORIZON = 30.0  # days the stated prior is about
MONTHLY_CHURN = 0.03  # r0 of science.md 2.2: of those without a drop
SILENT_MOST, SILENT_PART = 0.3, 0.05  # of those who kept about 30 and 60 percent
BELOW = 0.999  # of the next tier's bound


def tiers(states: States, p: Parameters = STANDARD) -> Ints:
    """The tier of each customer, an index into NAMES.

    Once alarmed a customer stays watched until the posterior has fallen below 0.2, and at risk
    until then or until the new level is accepted: no tier flickers around a threshold.
    """
    unreachable = (states.silent_days >= p.silent) & (states.reporting_days > 0)
    tier = np.where(states.reporting_days < p.learning, LEARNING, NONE)
    tier = np.where(states.alarm == 1, WATCH, tier)
    tier = np.where(states.alarm == 2, AT_RISK, tier)
    risky: Ints = np.where(unreachable, AT_RISK, tier)
    return risky


def told(drop_tier: Ints, risk: Floats, states: States, p: Parameters = STANDARD) -> Ints:
    """The tier that drop and risk make together, so that neither contradicts the other.

    Who will more likely than not use nothing is at risk, whatever the detector says; nobody is at
    risk whose risk is low. Of who never used anything nothing can be said.
    """
    used = states.used_days > 0
    tier = np.where((drop_tier == AT_RISK) & (risk < p.low), WATCH, drop_tier)
    tier = np.where(used & (risk >= p.low), np.maximum(tier, WATCH), tier)
    both: Ints = np.where(used & (risk >= p.high), AT_RISK, tier)
    return both


def by_risk(risk: Floats, states: States, before: Ints, p: Parameters = STANDARD) -> Ints:
    """The tier that a learned risk means: it has drop and silence in it, so the tier follows.

    Args:
        before: the tier each was in: it is left well below where it is entered, so that none
            flickers.
    """
    watched = np.where(before >= WATCH, p.low, p.watch)
    risky = np.where(before == AT_RISK, p.watch, p.sure)
    tier = np.where(states.reporting_days < p.learning, LEARNING, NONE)
    tier = np.where(risk >= watched, WATCH, tier)
    graded: Ints = np.where(risk >= risky, AT_RISK, tier)
    return graded


def severity(states: States) -> Floats:
    """Share of the usage that is lost, 0 to 1: 1 - recent / expected (half-life 5 days)."""
    lost: Floats = 1.0 - np.clip(states.recent / np.maximum(states.usual, 0.001), 0.0, 1.0)
    return lost


def risk(states: States, day: int, p: Parameters = STANDARD) -> Floats:
    """Probability of no use within 30 days: a stated prior, until history teaches a better one.

    A complete stop means silence, a smaller drop seldom; who is still learned of, or not heard, is
    judged by how long the last use is ago. A tier bounds it, so that neither contradicts the other.
    """
    drop = 1.0 - (1.0 - MONTHLY_CHURN) * (1.0 - states.drop_stop) * (
        1.0 - SILENT_MOST * states.drop_most
    ) * (1.0 - SILENT_PART * states.drop_part)
    since = np.maximum(day - states.used_last, 0) * (states.used_days > 0)
    quiet = since / (since + HORIZON)
    unjudged = (states.reporting_days < p.learning) | (states.silent_days >= p.silent)
    said = np.maximum(drop, np.where(unjudged, quiet, 0.0))
    tier = tiers(states, p)
    low = np.choose(tier, [0.0, 0.0, p.low, p.high])
    high = np.choose(tier, [BELOW * p.low, BELOW * p.low, BELOW * p.high, 1.0])
    bounded: Floats = np.clip(said, low, high)
    return bounded
