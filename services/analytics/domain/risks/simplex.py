"""The smallest value of a function without derivatives (Nelder and Mead 1965)."""

from collections.abc import Callable

import numpy as np

from services.analytics.domain.drops.state import Floats

STEP = 0.7


def smallest(of: Callable[[Floats], float], start: Floats, steps: int = 200) -> Floats:
    """Where `of` is smallest, near `start`; the same bits for the same function.

    >>> smallest(lambda x: float(((x - 3.0) ** 2).sum()), np.zeros(2)).round(3).tolist()
    [3.0, 3.0]
    """
    corners = [start, *(start + STEP * row for row in np.eye(len(start)))]
    values = [of(corner) for corner in corners]
    for _ in range(steps):
        order = np.argsort(values, kind="stable")
        corners, values = [corners[i] for i in order], [values[i] for i in order]
        middle = np.mean(corners[:-1], axis=0)
        corner, value = _better(of, middle, corners[-1], values)
        if value < values[-1]:
            corners[-1], values[-1] = corner, value
            continue
        corners = [corners[0], *(corners[0] + 0.5 * (c - corners[0]) for c in corners[1:])]
        values = [values[0], *(of(corner) for corner in corners[1:])]
    best: Floats = corners[int(np.argmin(values))]
    return best


def _better(
    of: Callable[[Floats], float], middle: Floats, worst: Floats, values: list[float]
) -> tuple[Floats, float]:
    """A corner in place of the worst: mirrored, stretched or drawn in."""
    mirrored = 2.0 * middle - worst
    value = of(mirrored)
    if value < values[0]:
        further = middle + 2.0 * (middle - worst)
        value_there = of(further)
        return (further, value_there) if value_there < value else (mirrored, value)
    if value < values[-2]:
        return mirrored, value
    nearer = middle + 0.5 * (worst - middle)
    return nearer, of(nearer)
