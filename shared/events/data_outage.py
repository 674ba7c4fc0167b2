"""A whole cohort ceased to be heard on one day: collection failed, no customer left."""

from datetime import date
from typing import ClassVar

from shared.events.event import News


class DataOutage(News, frozen=True, kw_only=True, omit_defaults=True, tag="data_outage"):
    """One event on the first day of an outage. Topic `analytics.finding`; key `cohort:<name>`.

    Its days are not judged: nothing is held against its customers.

    Attributes:
        cohort: model/plan/region, or the region.
        customers: how many are in it.
    """

    TOPIC: ClassVar[str] = "analytics.finding"

    cohort: str
    day: date
    customers: int
