"""Whether the set-up of a device was completed."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import single
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> bool | None:
    """Whether the set-up of a device was completed."""
    return state.setup_completed is not None and state.setup_completed.at <= t


FACT = Fact(
    name="setup_completed",
    says="A device is set up and ready.",
    type=bool,
    value=value,
    events=lambda state, after, until: single(state.setup_completed, after, until),
)
