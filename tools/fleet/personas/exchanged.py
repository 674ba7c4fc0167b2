"""A device breaks and is exchanged: the old one is retired, a new one registered and claimed."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, early_joined
from tools.fleet.story import Setting, Span, Story, Trouble

GAPS = (1.0, 5.0, 12.0, 20.0)  # days


def tell(rng: Generator, setting: Setting) -> Story:
    """Two days of faults, then the new device, at once or after up to three weeks; usage goes on."""
    day = float(rng.uniform(0.3, 0.8)) * setting.days
    broken = Span(day - 2, day)
    trouble = Trouble(0, broken, 4 * 3600, "battery_dead", "power", "critical", recovers=False)
    joined = early_joined(rng, setting)
    gap = GAPS[int(rng.integers(len(GAPS)))]
    return Story(joined=joined, exchanged=day, exchange_days=gap, troubles=[trouble])


EXCHANGED = Persona("exchanged", 0.02, tell)
