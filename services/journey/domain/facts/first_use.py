"""Whether a person has used a device or a feature."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.events import single
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> bool | None:
    """Whether a person has used a device or a feature."""
    return state.first_use is not None and state.first_use.at <= t


FACT = Fact(
    name="first_use",
    says="A person has used a device or a feature of the app.",
    type=bool,
    value=value,
    events=lambda state, after, until: single(state.first_use, after, until),
)
