"""How many platforms a device is linked to."""

from services.journey.domain.customers.state import State, is_on
from services.journey.domain.facts.events import switched
from services.journey.domain.facts.fact import Fact


def value(state: State, t: int) -> int:
    """How many platforms a device is linked to."""
    on = {key.partition("/")[0] for key, changes in state.integrations.items() if is_on(changes, t)}
    return len(on)


FACT = Fact(
    name="integrations_linked",
    says="How many other platforms a device of the customer is linked to.",
    type=int,
    value=value,
    events=lambda state, after, until: switched(state.integrations, after, until),
)
