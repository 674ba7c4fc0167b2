"""How many sensitive acts somebody may do: ten at once, then one every six minutes.

Two hundred erasures in twelve seconds are no day's work of anybody. Counted per person and route, in this
process; programs may do ten times as many, our own services as many as they are asked for.
"""

from fastapi import FastAPI

from shared import metrics
from shared.web.guards.rates import Buckets, Rate
from shared.web.problems import Problem
from shared.web.who import Who

HOUR_S = 3_600
PERSONS = 10
PROGRAMS = 100


class Hourly:
    """The counts of one process."""

    def __init__(self, persons: int = PERSONS, programs: int = PROGRAMS) -> None:
        """Nobody has done anything yet.

        Args:
            persons, programs: acts at once of each, and in an hour after that.
        """
        self._buckets = {
            "person": Buckets(Rate(persons / HOUR_S, persons)),
            "key": Buckets(Rate(programs / HOUR_S, programs)),
        }

    def take(self, who: Who, route: str, now: float) -> None:
        """Count one. Raises Problem 429: not yet again."""
        buckets = self._buckets.get(who.kind)
        wait_s = 0.0 if buckets is None else buckets.take(f"{who.subject} {route}", now)
        if wait_s > 0:
            metrics.THROTTLED.labels("sensitive").inc()
            retry_s = max(1, round(wait_s + 0.5))
            raise Problem(
                429,
                "too_many_sensitive_acts",
                "Too many of these within an hour",
                f"The next one is taken in {retry_s} s.",
                headers={"Retry-After": str(retry_s)},
            )


def of(app: FastAPI) -> Hourly:
    """The counts of an application."""
    hourly: Hourly | None = getattr(app.state, "hourly", None)
    if hourly is None:
        hourly = app.state.hourly = Hourly()
    return hourly
