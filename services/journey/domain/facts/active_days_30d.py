"""Distinct local days with a meaningful use, of the last 30 (today is one of them)."""

from bisect import bisect_left, bisect_right

from services.journey.domain.customers.state import Mark, State
from services.journey.domain.facts.fact import Comparison, Fact

WINDOW = 30  # local days
FORGOTTEN = "event-no-longer-kept"


def _in_window(state: State, t: int) -> list[int]:
    """First uses of the active days of the window, ascending."""
    begins = state.start(state.day(t) - WINDOW + 1)
    return state.active[bisect_left(state.active, begins) : bisect_right(state.active, t)]


def value(state: State, t: int) -> int:
    """Distinct local days with a meaningful use, of the last 30 (today is one of them)."""
    return len(_in_window(state, t))


def events(state: State, after: int, until: int) -> list[Mark]:
    """First uses of active days in (after, until]."""
    low = bisect_right(state.active, after)
    high = bisect_right(state.active, until)
    return [
        Mark(at, cause or FORGOTTEN)
        for at, cause in zip(state.active[low:high], state.active_causes[low:high], strict=True)
    ]


def changes_after(state: State, t: int, comparison: Comparison) -> int | None:
    """At the beginning of the day on which enough active days have left the window."""
    days = _in_window(state, t)
    truth = comparison.holds(len(days))
    for left in (int(comparison.value), int(comparison.value) - 1):
        if 0 <= left < len(days) and comparison.holds(left) != truth:
            leaver = days[len(days) - left - 1]
            return state.start(state.day(leaver) + WINDOW)
    return None


FACT = Fact(
    name="active_days_30d",
    says="On how many of the last 30 days a person used a device or a feature.",
    type=int,
    value=value,
    events=events,
    changes_after=changes_after,
)
