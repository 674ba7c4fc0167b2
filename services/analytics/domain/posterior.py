"""The drop posterior of Shiryaev with negative-binomial likelihoods (science.md 2.2)."""

import numpy as np

from services.analytics.domain.parameters import Parameters
from services.analytics.domain.state import Floats

CLIP = 20.0  # of a day's log likelihood ratio
CEILING = 0.9999


def after_day(
    drops: tuple[Floats, Floats, Floats], uses: Floats, mu: Floats, k: Floats, p: Parameters
) -> tuple[Floats, Floats, Floats]:
    """Posterior of the three drop states after a day.

    Args:
        drops: probability of each drop state before the day, shape (n,) each.
        uses: uses of the day, >= 0.
        mu: uses expected of a healthy customer, > 0.
        k: dispersion of the negative binomial, > 0; smaller is burstier.
    Returns: the same after the day; their sum is at most 0.9999.
    Source: Shiryaev 1963; likelihood ratio rho^y ((k + mu) / (k + rho mu))^(y + k).
    """
    healthy = 1.0 - (drops[0] + drops[1] + drops[2])
    weighed = []
    for prior, rho in zip(drops, p.kept_share, strict=True):
        log_ratio = uses * np.log(rho) + (uses + k) * np.log((k + mu) / (k + rho * mu))
        ratio = np.exp(np.clip(log_ratio, -CLIP, CLIP))
        weighed.append((prior + healthy * (p.hazard / 3.0)) * ratio)
    total = healthy * (1.0 - p.hazard) + weighed[0] + weighed[1] + weighed[2]
    after = [w / total for w in weighed]
    scale = np.minimum(1.0, CEILING / np.maximum(after[0] + after[1] + after[2], 1e-300))
    return after[0] * scale, after[1] * scale, after[2] * scale
