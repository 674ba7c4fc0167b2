"""Whether the set-up of a device was begun."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import single
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> bool | None:
    """Whether the set-up of a device was begun."""
    return state.setup_started is not None and state.setup_started.at <= t


FACT = Fact(
    name="setup_started",
    says="Somebody began to set a device up.",
    type=bool,
    value=value,
    events=lambda state, after, until: single(state.setup_started, after, until),
)
