"""A whole cohort uses its devices less from week to week: a firmware, a season or a competitor."""

from datetime import date
from typing import ClassVar

from shared.events.event import News


class CohortFalling(News, frozen=True, kw_only=True, omit_defaults=True, tag="cohort_falling"):
    """One event when a decline begins that many share. Topic `analytics.finding`; key `cohort:<name>`.

    It is held against no customer, so nobody of them need be at risk.

    Attributes:
        cohort: model/plan/region in as few words as say it: `*` is any; or the region.
        share: of what the same customers used over a year, 0 to 0.85.
        customers: how many are in it.
    """

    TOPIC: ClassVar[str] = "analytics.finding"

    cohort: str
    day: date
    share: float
    customers: int
