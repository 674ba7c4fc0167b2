"""A device that buffers and sends the newest event first."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, usual_joined
from tools.fleet.story import Setting, Story


def tell(rng: Generator, setting: Setting) -> Story:
    """Otherwise a steady user."""
    return Story(joined=usual_joined(rng, setting), lifo=True)


LIFO = Persona("lifo", 0.02, tell)
