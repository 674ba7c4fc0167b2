"""Logistic regression on standardised features, with a ridge."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from services.analytics.domain.drops.state import Flags, Floats

RIDGE = (10.0, 100.0)  # of standardised weights, for few rows and many: docs/science.md
REACH = 4.0  # standard deviations a feature counts for at most: no outlier decides alone
ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted regression.

    Attributes:
        means, spreads: of each feature, by which it is standardised.
        weights: the constant first, then one per feature.
    """

    means: tuple[float, ...]
    spreads: tuple[float, ...]
    weights: tuple[float, ...]

    @classmethod
    def fit(cls, features: Floats, outcome: Flags) -> Self:
        """Fit on rows of features, shape (n, k), and whether each outcome came true.

        Source: iteratively reweighted least squares, McCullagh and Nelder 1989.
        """
        means, spreads = features.mean(axis=0), features.std(axis=0) + 1e-9
        rows = _with_constant(np.clip((features - means) / spreads, -REACH, REACH))
        ridge = min(max(len(features) / 100.0, RIDGE[0]), RIDGE[1])
        penalty = np.diag([1e-6, *np.full(features.shape[1], ridge)])
        weights = np.zeros(rows.shape[1])
        for _ in range(ROUNDS):
            likely = probability(rows @ weights)
            slope = np.maximum(likely * (1.0 - likely), 1e-6)
            uphill = rows.T @ (outcome - likely) - penalty @ weights
            move = np.linalg.solve((rows * slope[:, None]).T @ rows + penalty, uphill)
            weights = weights + np.clip(move, -5.0, 5.0)
            if float(np.abs(move).max()) < 1e-7:
                break
        return cls(tuple(means.tolist()), tuple(spreads.tolist()), tuple(weights.tolist()))

    def odds(self, features: Floats) -> Floats:
        """Log odds of the outcome, shape (n,)."""
        scaled = (features - np.array(self.means)) / np.array(self.spreads)
        log_odds: Floats = _with_constant(np.clip(scaled, -REACH, REACH)) @ np.array(self.weights)
        return log_odds

    def likely(self, features: Floats) -> Floats:
        """Probability of the outcome, shape (n,)."""
        return probability(self.odds(features))


def _with_constant(rows: Floats) -> Floats:
    columns: Floats = np.column_stack([np.ones(len(rows)), rows])
    return columns


def probability(odds: Floats) -> Floats:
    """What log odds mean."""
    likely: Floats = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
    return likely
