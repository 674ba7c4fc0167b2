"""Plays a lot with the new device for some weeks, then hardly at all."""

from numpy.random import Generator

from tools.fleet.personas.persona import EARLIEST_DAYS, Persona, drop
from tools.fleet.story import Setting, Story


def tell(rng: Generator, setting: Setting) -> Story:
    """New at the start of history; the novelty wears off three to six weeks after the set-up."""
    joined = float(rng.uniform(-14, 0.08 * setting.days))
    day = max(joined + float(rng.uniform(21, 42)), max(joined, 0.0) + EARLIEST_DAYS)
    if setting.days < 60:  # a short history would end before most of these weeks
        day = max(joined, 0.0) + EARLIEST_DAYS + float(rng.uniform(0, setting.days / 5))
    wears_off = drop(rng, "novelty", day, 0.08, 4.0, setting)
    return Story(joined=joined, drop=wears_off, first_weeks=1.5)


NOVELTY = Persona("novelty", 0.06, tell)
