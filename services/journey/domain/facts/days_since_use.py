"""Local days since the newest active day."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.active_days_30d import events
from services.journey.domain.facts.counting import counts_up
from services.journey.domain.facts.fact import Comparison, Fact


def base(state: State, t: int) -> int | None:
    """The local day the count begins on."""
    newest = state.last_active(t)
    return None if newest is None else state.day(newest)


def value(state: State, t: int) -> int | None:
    """Local days since the newest active day."""
    days_since = base(state, t)
    return None if days_since is None else state.day(t) - days_since


def changes_after(state: State, t: int, comparison: Comparison) -> int | None:
    """At the beginning of the local day that reaches the compared number."""
    return counts_up(state, base(state, t), t, comparison)


FACT = Fact(
    name="days_since_use",
    says="Days since the last day with a meaningful use, 0 on that day; unknown before the first.",
    type=int,
    value=value,
    events=events,
    changes_after=changes_after,
)
