"""A device that faults and recovers every few minutes, for hours, several times."""

from numpy.random import Generator

from tools.fleet.personas.persona import Persona, between, usual_joined
from tools.fleet.story import Setting, Span, Story, Trouble

CODES = (("wifi_lost", "radio"), ("motor_stall", "bolt"), ("sensor_timeout", "pir"))


def tell(rng: Generator, setting: Setting) -> Story:
    """Two to four episodes of 1 to 5 hours, a fault every 3 to 12 minutes."""
    joined = usual_joined(rng, setting)
    code, component = CODES[int(rng.integers(len(CODES)))]
    troubles = []
    for _ in range(int(rng.integers(2, 5))):
        first = between(rng, max(joined, 0) + 1.5, setting.days - 1)
        span = Span(first, first + float(rng.uniform(1, 5)) / 24)
        every_s = float(rng.uniform(180, 720))
        troubles.append(Trouble(0, span, every_s, code, component, "warning", flapping=True))
    return Story(joined=joined, troubles=troubles)


FLAPPING = Persona("flapping", 0.02, tell)
