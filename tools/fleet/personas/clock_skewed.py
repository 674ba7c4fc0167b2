"""A device whose clock is wrong by hours, days or years; `sent` shows by how much."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, usual_joined
from tools.fleet.story import Setting, Story

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
OFF_S = (5 * HOUR_S, -30 * HOUR_S, 40 * DAY_S, -3 * 365 * DAY_S)


def tell(rng: Generator, setting: Setting) -> Story:
    """Otherwise a steady user: nothing of theirs may be lost or land on a wrong day."""
    off = OFF_S[int(rng.integers(len(OFF_S)))]
    return Story(joined=usual_joined(rng, setting), clock_off_s=off)


CLOCK_SKEWED = Persona("clock_skewed", 0.03, tell)
