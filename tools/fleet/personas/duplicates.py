"""A device that sends a share of its messages twice, as after every lost PUBACK."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, usual_joined
from tools.fleet.story import Setting, Story


def tell(rng: Generator, setting: Setting) -> Story:
    """Otherwise a steady user: each event counts once."""
    share = float(rng.uniform(0.1, 0.4))
    return Story(joined=usual_joined(rng, setting), duplicates=share)


DUPLICATES = Persona("duplicates", 0.03, tell)
