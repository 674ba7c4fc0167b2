"""Analytics found a usage drop, its end, or a device that cannot be reached."""

from datetime import date
from typing import ClassVar, Literal

from shared.events.event import News

Tier = Literal["none", "watch", "at_risk"]


class RiskChanged(News, frozen=True, kw_only=True, omit_defaults=True, tag="risk_changed"):
    """A customer's risk tier changed. Topic `analytics.finding`; key `c:<customer>`.

    Attributes:
        day: the customer's local day whose closing changed the tier.
        onset: last day on which the drop posterior was below 0.1.
        posterior: probability of a drop, 0 to 1.
        severity: estimated share of usage lost, 0 to 1.
        risk: probability of churn within 30 days, 0 to 1.
    """

    TOPIC: ClassVar[str] = "analytics.finding"

    customer: str
    tier: Tier
    previous: Tier
    why: Literal["usage_drop", "device_unreachable", "recovered", "level_changed"]
    day: date
    onset: date | None = None
    posterior: float = 0.0
    severity: float = 0.0
    risk: float = 0.0
    expected_per_day: float = 0.0
    recent_per_day: float = 0.0
