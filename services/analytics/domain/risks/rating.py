"""A closing's risks and tiers: by the region's head, by a stated prior until there is one."""

from dataclasses import dataclass

import numpy as np

from services.analytics.domain.drops import tiers
from services.analytics.domain.drops.parameters import STANDARD, Parameters
from services.analytics.domain.drops.seasons import shares
from services.analytics.domain.drops.state import Floats, Ints, States
from services.analytics.domain.risks.head import Head
from services.analytics.domain.risks.prior import Prior

HORIZONS = (30, 90)  # days that risks are about


@dataclass(frozen=True, slots=True)
class Fitted:
    """A region's head.

    Attributes:
        day: ordinal of the closing that fitted it: its version.
    """

    day: int
    head: Head


@dataclass(frozen=True, slots=True)
class Heads:
    """A region's heads: what silence follows from, and what cancellations do."""

    silence: Fitted | None = None
    cancellation: Fitted | None = None


@dataclass(frozen=True, slots=True)
class Rated:
    """What a closing makes of its members; shape (n,).

    Attributes:
        tier: an index into tiers.NAMES.
        risk: probability that usage has dropped for good, or that there is none within 30 days.
        later: within 90; None before there is a head.
        head: ordinal of its day; None: the stated prior.
        prior: recency and frequency alone.
    """

    tier: Ints
    risk: Floats
    later: Floats | None
    head: int | None
    prior: Prior


def rate(
    fitted: Fitted | None,
    states: States,
    day: int,
    before: Ints,
    usual: float | None = None,
    p: Parameters = STANDARD,
) -> Rated:
    """Rate members as of the end of a day.

    Args:
        before: the tier each was in; 0 before the first.
        usual: days between uses of the middle customer of the region; None: of these.
    """
    dropped = tiers.tiers(states, p)
    if fitted is None:
        return Rated(dropped, tiers.risk(states, day, p), None, None, Prior())
    share, season = shares(states.season, day)
    says = np.where(
        season, share, 1.0
    )  # what silence does, where last year's weeks were silent too
    soon, later = (
        either(states.posterior, says * fitted.head.risk(states, day, float(horizon), usual=usual))
        for horizon in HORIZONS
    )
    soon = np.where(states.used_days > 0, soon, tiers.risk(states, day, p))
    tier = tiers.by_risk(soon, states, before, p)
    return Rated(tier, soon, np.minimum(later, soon), fitted.day, fitted.head.prior)


def either(dropped: Floats, silent: Floats) -> Floats:
    """Probability that usage has dropped for good, or that there is none within the horizon.

    Silence alone would put who drops to half below everybody who uses little.
    """
    both: Floats = 1.0 - (1.0 - dropped) * (1.0 - silent)
    return both
