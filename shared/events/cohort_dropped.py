"""A whole cohort used its devices much less on one day: an outage or a holiday, no customer."""

from datetime import date
from typing import ClassVar

from shared.events.event import News


class CohortDropped(News, frozen=True, kw_only=True, omit_defaults=True, tag="cohort_dropped"):
    """One event for thousands of customers. Topic `analytics.finding`; key `cohort:<name>`.

    Attributes:
        factor: share of the expected usage that was seen, 0.05 to 3.
        members: reporting members of the cohort that day.
        firmware: of its devices those that run it, and no others; None: all of them.
    """

    TOPIC: ClassVar[str] = "analytics.finding"

    cohort: str
    day: date
    factor: float
    members: int
    firmware: str | None = None
