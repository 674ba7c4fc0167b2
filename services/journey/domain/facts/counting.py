"""Facts that count local days: their comparisons change at the beginning of a day."""

from services.journey.domain.customers.state import State
from services.journey.domain.facts.fact import Comparison


def counts_up(state: State, base: int | None, t: int, comparison: Comparison) -> int | None:
    """When a comparison with the days since the day `base` changes next.

    The truth of a comparison of whole numbers changes only on reaching its value or the next one.

    Args:
        base: the local day the count is 0 on, None while it is unknown.
    """
    if base is None:
        return None
    now = state.day(t) - base
    truth = comparison.holds(now)
    for days in (int(comparison.value), int(comparison.value) + 1):
        if days > now and comparison.holds(days) != truth:
            return state.start(base + days)
    return None


def counts_down(state: State, base: int | None, t: int, comparison: Comparison) -> int | None:
    """When a comparison with the days until the day `base` changes next."""
    if base is None:
        return None
    now = base - state.day(t)
    truth = comparison.holds(now)
    for days in (int(comparison.value), int(comparison.value) - 1):
        if days < now and comparison.holds(days) != truth:
            return state.start(base - days)
    return None
