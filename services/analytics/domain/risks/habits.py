"""How often a customer uses what they have: numbers that change only on days with use.

Recency, frequency and pace over a week, a month, a quarter and a year. Sums are as of the last day
with use; who reads them later lets them fade to that day, so a quiet day costs nothing.
"""

from dataclasses import replace

import numpy as np

from services.analytics.domain.drops.state import Flags, Floats, Ints, States

PACES = {"pace_week": 7.0, "pace_month": 30.0, "pace_quarter": 90.0, "pace_year": 365.0}
"""Half-lives of the paces, days."""
HABITS = (*PACES, "gap_logs", "gap_longest", "used_days", "used_first", "used_last")


def after_uses(states: States, day: int | Ints, uses: Floats) -> States:
    """The states of customers who used something on a day.

    Args:
        day: ordinal, not before any day folded already; or one for each customer.
        uses: of each of them that day, above 0.
    """
    again = states.used_days > 0
    gap = np.where(again, day - states.used_last, 0)
    return replace(
        states,
        used_first=np.where(again, states.used_first, day),
        used_last=np.full_like(states.used_last, day),
        used_days=states.used_days + (~again | (gap > 0)),
        gap_longest=np.maximum(states.gap_longest, gap),
        gap_logs=states.gap_logs + np.log(np.maximum(gap, 1)),
        **{
            name: getattr(states, name) * 0.5 ** (gap / half_life) + uses
            for name, half_life in PACES.items()
        },
    )


def put_uses(states: States, places: Ints, day: int | Ints, uses: Floats) -> States:
    """The states after the customers at these places used something; the others' stay."""
    if len(places) == 0:
        return states
    these = after_uses(states.take(places), day, uses)
    copied = {name: getattr(states, name).copy() for name in HABITS}
    for name, values in copied.items():
        values[places] = getattr(these, name)
    return replace(states, **copied)


def fold_uses(states: States, day: int, uses: Floats, counts: Flags) -> States:
    """The states after a day; those without use that day stay as they are."""
    places = np.flatnonzero(counts & (uses > 0.0))
    return put_uses(states, places, day, uses[places])


def pace(states: States, name: str, day: int) -> Floats:
    """Uses a day as of the end of a day, by one of the paces."""
    half_life = PACES[name]
    faded = 0.5 ** (np.maximum(day - states.used_last, 0) / half_life)
    rate: Floats = getattr(states, name) * faded * (np.log(2.0) / half_life)
    return rate
