"""Events of a fact in a span of time, for each shape they are stored in."""

from bisect import bisect_right
from collections.abc import Sequence

from services.journey.domain.customers.state import Mark, Switches, moment


def within(marks: Sequence[Mark], after: int, until: int) -> list[Mark]:
    """Of an ascending list, those in (after, until]."""
    if not marks or marks[-1].at <= after:
        return []
    low = bisect_right(marks, after, key=moment)
    return list(marks[low : bisect_right(marks, until, key=moment)])


def single(mark: Mark | None, after: int, until: int) -> list[Mark]:
    """Of one event or none."""
    return [mark] if mark is not None and after < mark.at <= until else []


def switched(switches: Switches, after: int, until: int) -> list[Mark]:
    """Of changes of devices, integrations or tickets."""
    return [
        Mark(change.at, change.cause)
        for changes in switches.values()
        for change in changes
        if after < change.at <= until
    ]
