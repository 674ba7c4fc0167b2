"""Local days since the newest purchase."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.counting import counts_up
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Comparison, Fact


def base(state: State, t: int) -> int | None:
    """The local day the count begins on."""
    newest = state.purchases.last(t)
    return None if newest is None else state.day(newest.at)


def value(state: State, t: int) -> int | None:
    """Local days since the newest purchase."""
    days_since = base(state, t)
    return None if days_since is None else state.day(t) - days_since


def changes_after(state: State, t: int, comparison: Comparison) -> int | None:
    """At the beginning of the local day that reaches the compared number."""
    return counts_up(state, base(state, t), t, comparison)


FACT = Fact(
    name="days_since_purchase",
    says="Days since the newest purchase, 0 on its day; unknown before the first.",
    type=int,
    value=value,
    events=lambda state, after, until: within(state.purchases.newest, after, until),
    changes_after=changes_after,
)
