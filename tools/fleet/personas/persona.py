"""What a persona is: a name, its share of all customers, and the story it tells."""

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from tools.fleet.story import Cause, Drop, DropKind, Setting, Story

EARLIEST_DAYS = 3.0  # after the set-up; analytics needs 14 reporting days, people do not wait
ROOM_DAYS = 7.0  # before the end of history, too few for a flag: what drops then is missed
CAUSED = 0.5  # share of the drops that something precedes
CAUSES: tuple[Cause, ...] = ("product", "support", "onboarding")


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
    """Any day from soon after the set-up to near the end."""
    first = max(joined, 0.0) + EARLIEST_DAYS
    last = max(first + 1.0, setting.days - min(ROOM_DAYS, setting.days / 4))
    return between(rng, first, last)


def drop(
    rng: Generator, kind: DropKind, day: float, to: float, half_life_days: float, setting: Setting
) -> Drop | None:
    """The drop, or None when history ends before it; half of them have a cause."""
    roll, which = float(rng.random()), int(rng.integers(len(CAUSES)))
    cause = CAUSES[which] if roll < CAUSED else None
    return Drop(kind, day, to, half_life_days, cause) if day < setting.days - 1 else None
