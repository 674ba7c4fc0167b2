"""How long a span reads for people: one number and one unit."""

from datetime import timedelta
from typing import Literal

Unit = Literal["seconds", "minutes", "hours", "days", "months", "years"]
# up to how many seconds a unit is used, and how many it has
_UNITS: tuple[tuple[float, float, Unit], ...] = (
    (90, 1, "seconds"),
    (90 * 60, 60, "minutes"),
    (36 * 3600, 3600, "hours"),
    (100 * 86400, 86400, "days"),
    (730 * 86400, 30.44 * 86400, "months"),
)
_YEAR_S = 365.25 * 86400


def reads(span: timedelta) -> tuple[int, Unit]:
    """A span as people say it; its direction does not count.

    >>> reads(timedelta(seconds=89)), reads(timedelta(minutes=89)), reads(timedelta(hours=35))
    ((89, 'seconds'), (89, 'minutes'), (35, 'hours'))
    >>> reads(timedelta(hours=-36)), reads(timedelta(days=400)), reads(timedelta(days=800))
    ((2, 'days'), (13, 'months'), (2, 'years'))
    """
    seconds = abs(span.total_seconds())
    for most, size, unit in _UNITS:
        if seconds < most:
            return round(seconds / size), unit
    return round(seconds / _YEAR_S), "years"
