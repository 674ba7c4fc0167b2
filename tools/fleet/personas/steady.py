"""Uses the product as always: most customers."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, usual_joined
from tools.fleet.story import Setting, Story


def tell(rng: Generator, setting: Setting) -> Story:
    """Nothing happens."""
    return Story(joined=usual_joined(rng, setting))


STEADY = Persona("steady", 0.45, tell)
