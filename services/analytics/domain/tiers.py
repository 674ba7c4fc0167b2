"""From the states to the tier a person acts on, and the numbers beside it."""

from typing import Final

import numpy as np

from services.analytics.domain.parameters import STANDARD, Parameters
from services.analytics.domain.state import Floats, Ints, States

LEARNING: Final = 0
NONE: Final = 1
WATCH: Final = 2
AT_RISK: Final = 3
NAMES: Final = ("learning", "none", "watch", "at_risk")
MONTHLY_CHURN = 0.03  # r0 of science.md 2.2 until churn has been labelled


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


def severity(states: States) -> Floats:
    """Share of the usage that is lost, 0 to 1: 1 - recent / expected (half-life 5 days)."""
    lost: Floats = 1.0 - np.clip(states.recent / np.maximum(states.usual, 0.001), 0.0, 1.0)
    return lost


def risk(states: States) -> Floats:
    """Probability of churn within 30 days, before any churn was labelled (science.md 2.2)."""
    r: Floats = 1.0 - (1.0 - MONTHLY_CHURN) * (1.0 - 0.5 * states.posterior * severity(states))
    return r
