"""Local days until the present term of the subscription ends."""

from services.journey.domain.customers.state import State
from services.journey.domain.customers.subscription import state_at
from services.journey.domain.facts.counting import counts_down
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Comparison, Fact


def base(state: State, t: int) -> int | None:
    """The local day the term ends on; None without a running subscription."""
    subscription = state_at(state.terms, t)
    if subscription is None or subscription.renews_at is None or subscription.status == "ended":
        return None
    return state.day(subscription.renews_at)


def value(state: State, t: int) -> int | None:
    """Local days until the present term ends; negative once it is over without a renewal."""
    days = base(state, t)
    return None if days is None else days - state.day(t)


def changes_after(state: State, t: int, comparison: Comparison) -> int | None:
    """At the beginning of the local day that reaches the compared number."""
    return counts_down(state, base(state, t), t, comparison)


FACT = Fact(
    name="days_to_renewal",
    says="Days until the subscription's term ends, negative after it; unknown without one.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.terms, after, until),
    changes_after=changes_after,
)
