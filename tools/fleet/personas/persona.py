"""What a persona is: a name, its share of all customers, and the story it tells."""

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from tools.fleet.story import Drop, DropKind, Setting, Story

LEARNING_DAYS = 16.0  # analytics gives no verdict before 14 reporting days
ROOM_DAYS = 20.0  # a drop needs days after it to be noticed in (median delay about 13)


@dataclass(frozen=True, slots=True)
class Persona:
    """One kind of customer.

    Attributes:
        share: of all customers, 0 to 1.
        tell: decides a customer's story; all chance comes from the generator given.
    """

    name: str
    share: float
    tell: Callable[[Generator, Setting], Story]


def between(rng: Generator, low: float, high: float) -> float:
    """A moment between two, or the first where a short history leaves nothing between."""
    return float(rng.uniform(low, max(low, high)))


def usual_joined(rng: Generator, setting: Setting) -> float:
    """A growing vendor: four in ten are customers already, the others join in seven tenths of it."""
    if rng.random() < 0.4:
        return -float(rng.uniform(2, 360))
    return float(rng.uniform(0.02, 0.7)) * setting.days


def early_joined(rng: Generator, setting: Setting) -> float:
    """Long enough before a drop: mostly customers already, some in the first days."""
    if rng.random() < 0.8:
        return -float(rng.uniform(2, 360))
    return float(rng.uniform(0.0, 0.08)) * setting.days


def drop_day(rng: Generator, joined: float, setting: Setting) -> float:
    """A day with usage enough before and days enough after; near the end in a short history."""
    first = max(joined, 0.0) + LEARNING_DAYS
    last = max(first + 1.0, setting.days - min(ROOM_DAYS, setting.days / 4))
    return between(rng, first, last)


def drop(
    kind: DropKind, day: float, to: float, half_life_days: float, setting: Setting
) -> Drop | None:
    """The drop, or None when history ends before it."""
    return Drop(kind, day, to, half_life_days) if day < setting.days - 1 else None
