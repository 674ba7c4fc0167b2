"""Owns an outdoor camera that firmware 2.3.0 makes fault until 2.3.1 cures it."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, early_joined
from tools.fleet.story import Setting, Story


def tell(rng: Generator, setting: Setting) -> Story:
    """The rollout is the same for all owners of the model; these are the ones it hits."""
    joined = early_joined(rng, setting)
    return Story(joined=joined, firmware_faults=True, model="cam-outdoor")


FAULTY_FIRMWARE = Persona("faulty_firmware", 0.05, tell)
