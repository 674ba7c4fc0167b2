"""Goes away for one or two weeks: no uses, while heartbeats and automation go on. Not a drop."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, between, usual_joined
from tools.fleet.story import Setting, Span, Story


def tell(rng: Generator, setting: Setting) -> Story:
    """One vacation of 7 to 14 days that ends before history does."""
    joined = usual_joined(rng, setting)
    length = min(float(rng.uniform(7, 14)), setting.days / 3)
    first = between(rng, max(joined, 0) + 0.15 * setting.days, setting.days - length - 1)
    return Story(joined=joined, vacations=[Span(first, first + length)])


VACATION = Persona("vacation", 0.03, tell)
