"""Logistic regression on standardised features and some of their products, with a ridge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from services.analytics.domain.drops.state import Flags, Floats

RIDGE = (10.0, 100.0)  # of standardised weights, for few rows and many: docs/science.md
REACH = 4.0  # standard deviations a feature counts for at most: no outlier decides alone
NEAR = 3.0  # of a feature that is multiplied
ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted regression.

    Attributes:
        means, spreads: of each feature, by which it is standardised.
        weights: the constant first, then one per feature, then one per product.
        crossed: places of the features that are multiplied, each by itself and each other.
    """

    means: tuple[float, ...]
    spreads: tuple[float, ...]
    weights: tuple[float, ...]
    crossed: tuple[int, ...] = ()

    @classmethod
    def fit(cls, features: Floats, outcome: Flags, crossed: Sequence[int] = ()) -> Self:
        """Fit on rows of features, shape (n, k), and whether each outcome came true.

        Source: iteratively reweighted least squares, McCullagh and Nelder 1989.
        """
        means, spreads = features.mean(axis=0), features.std(axis=0) + 1e-9
        rows = _columns((features - means) / spreads, crossed)
        ridge = min(max(len(features) / 100.0, RIDGE[0]), RIDGE[1])
        penalty = np.diag([1e-6, *np.full(rows.shape[1] - 1, ridge)])
        weights = np.zeros(rows.shape[1])
        for _ in range(ROUNDS):
            likely = probability(rows @ weights)
            slope = np.maximum(likely * (1.0 - likely), 1e-6)
            uphill = rows.T @ (outcome - likely) - penalty @ weights
            move = np.linalg.solve((rows * slope[:, None]).T @ rows + penalty, uphill)
            weights = weights + np.clip(move, -5.0, 5.0)
            if float(np.abs(move).max()) < 1e-7:
                break
        kept = [tuple(numbers.tolist()) for numbers in (means, spreads, weights)]
        return cls(kept[0], kept[1], kept[2], tuple(crossed))

    def odds(self, features: Floats) -> Floats:
        """Log odds of the outcome, shape (n,)."""
        scaled = (features - np.array(self.means)) / np.array(self.spreads)
        alone, together = np.split(np.array(self.weights), [scaled.shape[1] + 1])
        log_odds: Floats = _columns(scaled, ()) @ alone
        if self.crossed:
            near = np.clip(scaled[:, list(self.crossed)], -NEAR, NEAR)
            form = np.zeros((len(self.crossed), len(self.crossed)))
            form[np.triu_indices(len(self.crossed))] = together
            log_odds += np.einsum("ij,ij->i", near @ form, near)  # a third of writing them out
        return log_odds

    def likely(self, features: Floats) -> Floats:
        """Probability of the outcome, shape (n,)."""
        return probability(self.odds(features))


def _columns(scaled: Floats, crossed: Sequence[int]) -> Floats:
    near = np.clip(scaled[:, list(crossed)], -NEAR, NEAR)
    left, right = np.triu_indices(len(crossed))
    columns: Floats = np.column_stack(
        [np.ones(len(scaled)), np.clip(scaled, -REACH, REACH), near[:, left] * near[:, right]]
    )
    return columns


def probability(odds: Floats) -> Floats:
    """What log odds mean."""
    likely: Floats = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
    return likely
