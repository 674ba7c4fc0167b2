"""Stops using the product from one day to the next."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, drop, drop_day, early_joined
from tools.fleet.story import Setting, Story

UNPLUGGED_SHARE = 0.15  # of those who stop, unplug the devices: heartbeats end too


def tell(rng: Generator, setting: Setting) -> Story:
    """Heartbeats go on, except for those who unplug."""
    joined = early_joined(rng, setting)
    day = drop_day(rng, joined, setting)
    unplugs = bool(rng.random() < UNPLUGGED_SHARE)
    stops = drop(rng, "stop", day, 0.03, 0.0, setting)
    return Story(joined=joined, drop=stops, unplugged=day if unplugs and stops else None)


STOP = Persona("stop", 0.06, tell)
