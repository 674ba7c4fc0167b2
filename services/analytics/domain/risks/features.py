"""What the head knows of a customer, as of a day and for a horizon: one row of numbers each."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np

from services.analytics.domain.drops.state import Floats, States
from services.analytics.domain.drops.tiers import severity
from services.analytics.domain.risks.habits import PACES, pace
from services.analytics.domain.risks.prior import Prior, Seen

TINY = 1e-4  # uses a day below which a pace says nothing more
NAMES: Final = (
    "prior_silent",
    "prior_gone",
    "prior_quiet",
    "recency",
    "recency_of_horizon",
    "recency_of_gap",
    "recency_of_longest",
    "regularity",
    "days_with_use",
    "known",
    "known_of_horizon",
    *(f"due_by_{name}" for name in PACES),
    "week_against_month",
    "month_against_quarter",
    "quarter_against_year",
    "dropped",
    "lost",
    "stopped",
    "unheard",
)


def features(
    states: States,
    day: int,
    horizon: float,
    prior: Prior,
    more: Mapping[str, Floats] | None = None,
    usual: float | None = None,
) -> Floats:
    """Shape (n, k): the columns of NAMES, then those of `more` by name.

    All are ratios, logs or probabilities that mean the same for any horizon, so that what was
    learned for a shorter one holds for a longer one.

    Args:
        day: ordinal of the last day that is known.
        horizon: days.
        usual: days between uses of the middle customer; None: of these.
    """
    seen = Seen.of(states, day)
    recency = seen.known - seen.until
    gap = _gap(seen, usual_gap(seen) if usual is None else usual)
    silent = prior.silent(seen, horizon)
    paces = [pace(states, name, day) for name in PACES]
    columns = [
        np.log(silent / (1.0 - silent)),
        prior.gone(seen),
        np.clip(prior.quiet(seen, horizon), -20.0, 0.0),
        np.log1p(recency),
        np.log((recency + 1.0) / horizon),
        np.log1p(recency / gap),
        np.log1p(recency / np.maximum(states.gap_longest, gap)),
        np.where(
            seen.repeats > 0, states.gap_logs / np.maximum(seen.repeats, 1) - np.log(gap), 0.0
        ),
        np.log1p(seen.repeats),
        np.log1p(seen.known),
        np.log((seen.known + 1.0) / horizon),
        *(np.log1p(rate * horizon) for rate in paces),
        *(
            np.clip(np.log((short + TINY) / (long + TINY)), -5.0, 5.0)
            for short, long in pairwise(paces)
        ),
        states.posterior,
        states.posterior * severity(states),
        states.drop_stop,
        np.log1p(states.silent_days),
        *(values for _, values in sorted((more or {}).items())),
    ]
    joined: Floats = np.column_stack(columns)
    return joined


def usual_gap(seen: Seen) -> float:
    """Days between uses of the middle customer."""
    again = seen.repeats > 0
    return float(np.median(seen.until[again] / seen.repeats[again])) if bool(again.any()) else 30.0


def _gap(seen: Seen, usual: float) -> Floats:
    """A customer's usual days between uses, drawn to the population's by one of them."""
    seen_pace: Floats = np.maximum((seen.until + usual) / (seen.repeats + 1), 0.5)
    return seen_pace
