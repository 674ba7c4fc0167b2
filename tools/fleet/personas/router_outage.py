"""Loses the internet for days: devices go on and keep their events, which then arrive in a burst."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, between, usual_joined
from tools.fleet.story import Setting, Span, Story


def tell(rng: Generator, setting: Setting) -> Story:
    """One outage of 3 to 10 days that ends before history does: offline is not `stopped using`."""
    joined = usual_joined(rng, setting)
    length = min(float(rng.uniform(3, 10)), setting.days / 4)
    first = between(rng, max(joined, 0) + 0.1 * setting.days, setting.days - length - 1)
    return Story(joined=joined, outages=[Span(first, first + length)])


ROUTER_OUTAGE = Persona("router_outage", 0.04, tell)
