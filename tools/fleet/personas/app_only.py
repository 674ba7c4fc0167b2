"""Uses the app without a device of their own: a member of somebody's household."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, usual_joined
from tools.fleet.story import Setting, Story


def tell(rng: Generator, setting: Setting) -> Story:
    """App events only."""
    return Story(joined=usual_joined(rng, setting), devices=0, app=True)


APP_ONLY = Persona("app_only", 0.03, tell)
