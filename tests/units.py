"""A service's units of work for tests that begin transactions themselves."""

from typing import Any

from shared.clock import WallClock
from shared.stream.units import Units


def units(
    service: str, store: Any, rules: Any = None, engine: Any = None, clock: Any = None
) -> Units[Any, Any]:
    """As wiring makes them; without an engine only handlers can be bound to them."""
    return Units(service, engine, clock or WallClock(), store, rules)
