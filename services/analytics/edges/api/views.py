"""What the HTTP interface shows: apart from the tables, so that either may change."""

from collections.abc import Mapping
from datetime import date as Date  # noqa: N812  a field is called `day`, its type must not be hidden
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

Tier = Literal["learning", "none", "watch", "at_risk"]
Word = Literal["learning", "steady", "away", "dropped", "lapsed", "unreachable"]
Why = Literal["usage_drop", "device_unreachable", "recovered", "level_changed"]


OUTLOOK: dict[str, str] = {
    "learning": "A verdict comes once 14 days could be judged and there were 3 uses.",
    "steady": "Fewer uses than expected, day after day, would change it.",
    "away": "Use ends it; if there is none when an absence would usually end, it counts as a drop.",
    "dropped": "Use as before ends it within days; a lower level is the usual one after 60 days.",
    "lapsed": "Only use ends it.",
    "unreachable": "A heartbeat or a use ends it.",
}


class RiskView(BaseModel):
    """A customer's risk and the numbers that led to it, as of `day`."""

    customer: str
    tier: Tier = Field(description="`learning` until 14 days could be judged.")
    why: Why | None = Field(description="Of the last change of tier.")
    since: Date | None = Field(description="Local day of the last change of tier.")
    day: Date = Field(description="The last local day that was closed.")
    risk: float = Field(
        description="Probability of no use within 30 days: a stated prior, bounded by the tier "
        "(watch from 0.25, at risk from 0.5)."
    )
    state: Word = Field(description="What the numbers come to, in a word.")
    outlook: str = Field(description="What would change it.")
    model: str = Field(description="Of the device claimed first; `app` without one.")
    plan: str
    region: str
    away: float = Field(description="Probability of an absence that ends, e.g. a vacation.")
    posterior: float = Field(description="Probability that usage has dropped.")
    drops: dict[str, float] = Field(
        description="The posterior by how much is left: about 5, 30, 60 percent."
    )
    severity: float = Field(description="Estimated share of usage lost.")
    onset: Date | None = Field(description="Last day on which the posterior was below 0.1.")
    days_above: int = Field(description="Judged days in a row with a posterior above 0.72.")
    expected: float = Field(description="Hours with use that were expected on `day`.")
    recent: float = Field(description="Recent mean of hours with use per day, half-life 5 days.")
    usual: float = Field(description="The same mean of what was expected.")
    baseline: float = Field(description="Usual hours with use per ordinary day.")
    reporting_days: int = Field(description="Days that could be judged.")
    silent_days: int = Field(description="Days in a row in which the devices were not heard.")
    cohort: str = Field(description="Model/plan/region the day was compared with, or the region.")
    factor: float = Field(description="Share of its usual use that the cohort showed on `day`.")
    weight: float = Field(description="The weekday's usual share, mean 1.")
    dispersion: float = Field(description="k of the negative binomial: small is bursty.")
    outage: bool = Field(description="Collection failed on `day`: it was not judged.")

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self:
        """The view of a row of `risk`."""
        drops = {"0.05": row["drop_stop"], "0.3": row["drop_most"], "0.6": row["drop_part"]}
        outlook = OUTLOOK[row["state"]]
        return cls(**{**row, "drops": drops, "outlook": outlook})


class DayView(BaseModel):
    """A customer's local day."""

    day: Date
    uses: int = Field(description="Meaningful uses, late ones included.")
    hours: int = Field(description="Distinct hours with use: what the detector counts.")
    reported: bool = Field(description="A use, or heartbeats for at least half of the day.")
    late_uses: int = Field(description="Uses that arrived after the day's closing.")
    faults: int
    errors: int
    tickets: int


class FindingView(BaseModel):
    """A change of tier."""

    id: str
    at: datetime
    customer: str
    tier: Tier
    previous: Tier
    why: Why
    day: Date
    onset: Date | None
    posterior: float
    severity: float
    risk: float
    expected: float
    recent: float


class TierView(BaseModel):
    """How many customers are in a tier."""

    tier: Tier
    customers: int
    day: Date = Field(description="The last day closed for any of them.")
