"""The filter: still healthy, dropped (three sizes) or away for a while; one step a day."""

from dataclasses import dataclass

import numpy as np

from services.analytics.domain.drops.parameters import Parameters
from services.analytics.domain.drops.state import Floats

CLIP = 20.0  # of a day's log likelihood ratio
CEILING = 0.9999


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Probabilities per customer; what is left of 1 is that all is as usual. Shape (n,) each.

    Attributes:
        drops: dropped, by how much is left.
        away: away, in the first, second and third part of an absence that ends.
    """

    drops: tuple[Floats, Floats, Floats]
    away: tuple[Floats, Floats, Floats]

    def scaled(self, by: Floats) -> "Beliefs":
        """The same, multiplied."""
        little, half, most = self.drops
        first, second, third = self.away
        return Beliefs((little * by, half * by, most * by), (first * by, second * by, third * by))


@dataclass(frozen=True, slots=True)
class Chances:
    """What may happen to a healthy customer on a day; shape (n,) each.

    Attributes:
        drop: it drops.
        leave: it goes away for a while.
        stay: mean length of an absence, days.
        away: share of the former usage that is seen of who is away.
    """

    drop: Floats
    leave: Floats
    stay: Floats
    away: Floats


def after_day(
    before: Beliefs, uses: Floats, mu: Floats, k: Floats, chances: Chances, p: Parameters
) -> Beliefs:
    """The beliefs after a day.

    Args:
        uses: uses of the day, >= 0.
        mu: uses expected of a healthy customer, > 0.
        k: dispersion of the negative binomial, > 0; smaller is burstier.
    Returns: the same after the day; together at most 0.9999.
    Source: Shiryaev 1963; likelihood ratio rho^y ((k + mu) / (k + rho mu))^(y + k). An absence
        has three parts, so that it neither ends at once nor lasts for ever (Erlang).
    """
    healthy = 1.0 - sum(before.drops) - sum(before.away)
    moves = np.minimum(3.0 / chances.stay, 1.0)
    first, second, third = before.away
    back = third * moves
    gone = _ratio(uses, mu, k, chances.away)
    away = (
        (first * (1.0 - moves) + healthy * chances.leave) * gone,
        (second * (1.0 - moves) + first * moves) * gone,
        (third * (1.0 - moves) + second * moves) * gone,
    )
    little, half, most = (
        (prior + healthy * (chances.drop / 3.0)) * _ratio(uses, mu, k, rho)
        for prior, rho in zip(before.drops, p.kept_share, strict=True)
    )
    stays = healthy * (1.0 - chances.drop - chances.leave) + back
    other = little + half + most + sum(away)
    total = stays + other
    scale = np.minimum(1.0, CEILING / np.maximum(other / total, 1e-300)) / total
    return Beliefs((little, half, most), away).scaled(scale)


def _ratio(uses: Floats, mu: Floats, k: Floats, rho: float | Floats) -> Floats:
    """Likelihood of the uses when a share `rho` is left, against that of a healthy customer."""
    log_ratio = uses * np.log(rho) + (uses + k) * np.log((k + mu) / (k + rho * mu))
    ratio: Floats = np.exp(np.clip(log_ratio, -CLIP, CLIP))
    return ratio
