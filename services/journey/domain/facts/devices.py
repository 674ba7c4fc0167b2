"""How many devices the customer owns."""

from services.journey.domain.customers.state import State, is_on
from services.journey.domain.facts.events import switched
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int:
    """How many devices the customer owns."""
    return sum(is_on(changes, t) for changes in state.devices.values())


FACT = Fact(
    name="devices",
    says="How many devices the customer owns now.",
    type=int,
    value=value,
    events=lambda state, after, until: switched(state.devices, after, until),
)
