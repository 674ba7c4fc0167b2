"""Begins to set the device up, fails, reads help, and never completes it."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona
from tools.fleet.story import Setting, Story


def tell(rng: Generator, setting: Setting) -> Story:
    """Joins during history, so that the set-up is seen; always with the app, never a use."""
    joined = float(rng.uniform(0.02, 0.7)) * setting.days
    return Story(joined=joined, stuck=True, devices=1, app=True)


STUCK_SETUP = Persona("stuck_setup", 0.04, tell)
