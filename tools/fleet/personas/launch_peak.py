"""Buys in the days around the launch of a new product, with many others."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona
from tools.fleet.story import Setting, Story


def tell(rng: Generator, setting: Setting) -> Story:
    """Set up within three days around the launch."""
    joined = max(0.1, setting.launch + float(rng.normal(1.0, 0.8)))
    return Story(joined=joined, model="doorbell")


LAUNCH_PEAK = Persona("launch_peak", 0.09, tell)
