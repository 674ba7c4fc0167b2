"""Uses the product less: some at once, some over weeks."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, drop, drop_day, early_joined
from tools.fleet.story import Setting, Story

# (share left, half-life in days): research/science.md 2.1 has these in its simulator.
WAYS = ((0.3, 0.0), (0.5, 0.0), (0.6, 0.0), (0.1, 14.0))
CHANCES = (0.3, 0.2, 0.1, 0.4)


def tell(rng: Generator, setting: Setting) -> Story:
    """Down to 0.6, a half, a third or, in weeks, a tenth."""
    joined = early_joined(rng, setting)
    to, half_life = WAYS[int(rng.choice(len(WAYS), p=CHANCES))]
    day = drop_day(rng, joined, setting)
    return Story(joined=joined, drop=drop(rng, "decline", day, to, half_life, setting))


DECLINE = Persona("decline", 0.06, tell)
