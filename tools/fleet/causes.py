"""What can be seen in the weeks before a drop that has a cause; half of the drops have none."""

from collections.abc import Iterator
from typing import Any

from numpy.random import Generator

from tools.fleet.household import Household

SHOWS_DAYS = 14.0  # before the drop
FULL = ("storage_full", "storage")
ARTICLES = ("wifi-5ghz", "reset-device", "pairing-code")


def before_drop(home: Household, rng: Generator) -> Iterator[Any]:
    """Faults, bad ratings or failed set-ups, as rows of a script: day, source, stream, type, fields."""
    drop = home.story.drop
    if drop is None or drop.cause is None or not home.devices:
        return
    first = max(drop.day - SHOWS_DAYS, max(home.story.joined, 0.0) + 0.5)
    days = sorted(float(day) for day in rng.uniform(first, max(drop.day, first + 0.5), 6))
    device, (code, component) = home.devices[0].id, FULL
    if drop.cause == "product" or home.app is None:
        for day in days:
            fields = {"code": code, "component": component, "severity": "error"}
            yield (day, device, "fault", "fault", fields)
        yield (days[-1] + 1, device, "fault", "recovered", {"code": code, "component": component})
    elif drop.cause == "support":
        for day in days[:4]:
            yield (day, home.app, "app", "help_viewed", {"article": "contact"})
        yield (days[4], home.app, "app", "rating", {"stars": 1})
        yield (days[5], home.app, "app", "rating", {"stars": 1})
    else:
        for n, day in enumerate(days):
            yield (day, home.app, "app", "help_viewed", {"article": ARTICLES[n % 3]})
            fields = {"step": "wifi", "result": "failed", "device": device}
            yield (day + 0.01, home.app, "app", "setup_step", fields)
