"""What the HTTP interface shows: apart from the tables, so that either may change."""

from collections.abc import Mapping
from datetime import date as Date  # noqa: N812  a field is called `day`, its type must not be hidden
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from services.analytics.domain.drops.parameters import STANDARD
from services.analytics.domain.drops.when import judged_from, stop_shows_after
from services.analytics.domain.risks.care import Outcome
from services.analytics.domain.risks.health import overall
from shared.web.times import Time

Tier = Literal["learning", "none", "watch", "at_risk"]
Basis = Literal["prior", "fitted"]
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


BOUNDS: dict[str, tuple[float, float]] = {
    "learning": (0.0, STANDARD.watch),
    "none": (0.0, STANDARD.watch),
    "watch": (STANDARD.low, 1.0),
    "at_risk": (STANDARD.high, 1.0),
}


class LastContact(BaseModel):
    """The newest contact."""

    at: Time
    who: str = Field(description="`account:<id>`.")
    outcome: Outcome


class SnoozedUntil(BaseModel):
    """A snooze that holds."""

    until: Date = Field(description="The day they are in the list again.")
    who: str = Field(description="`account:<id>`.")


class CancelsView(BaseModel):
    """How likely a subscription is cancelled."""

    basis: Basis = Field(
        description="`prior`: too few have cancelled to learn from: one stated number for everybody."
    )
    head: Date | None = Field(description="The day its head was fitted on. Null until fitted.")
    within_30_days: float
    within_90_days: float

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self | None:
        """The view of a row of `risk`."""
        if row["cancels_30"] is None:
            return None
        return cls(
            basis="prior" if row["cancels_by"] is None else "fitted",
            head=row["cancels_by"],
            within_30_days=row["cancels_30"],
            within_90_days=row["cancels_90"],
        )


class RiskView(BaseModel):
    """A customer's risk and the numbers that led to it, as of `day`."""

    customer: str
    tier: Tier = Field(description="`learning` until 14 days could be judged.")
    why: Why | None = Field(description="Of the last change of tier.")
    since: Date | None = Field(description="Local day of the last change of tier.")
    day: Date = Field(description="The last local day that was closed.")
    basis: Basis = Field(
        description="`fitted`: the risks are by a head learned from the region's own history. "
        "`prior`: too little history; read `risk_range`, not the number."
    )
    risk: float = Field(
        description="Probability that usage has dropped for good, or that there is none within 30 days; "
        "what the list is sorted by. Fitted: watched from 0.72 until below 0.25, at risk from 0.9 until "
        "below 0.72."
    )
    risk_range: tuple[float, float] | None = Field(
        description="All that a prior says: the bounds that belong to the tier. Null when fitted."
    )
    risk_90: float | None = Field(description="The same for 90 days; null until fitted.")
    health: int | None = Field(
        description="0 to 100: what the risk of 90 days leaves of 100; null until fitted."
    )
    head: Date | None = Field(
        description="The day the head was fitted on: its version. Null until fitted."
    )
    judged_from: Date | None = Field(
        description="The first day that can have a verdict; null when there can be one already."
    )
    stop_shows_after_days: int | None = Field(
        description="Days without use after which a stop is named; null: not within half a year."
    )
    state: Word = Field(description="What the numbers come to, in a word.")
    outlook: str = Field(description="What would change it.")
    model: str = Field(description="Of the device claimed last; `app` without one.")
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
    weight: float = Field(description="What the weekday is to the customer, mean 1.")
    dispersion: float = Field(description="k of the negative binomial: small is bursty.")
    outage: bool = Field(description="Collection failed on `day`: it was not judged.")
    price_month: float | None = Field(
        description="Of the subscription, as the closing knew it; null: nobody has told."
    )
    at_stake: float = Field(description="Risk * price a month: what `sort=value` goes by.")
    cancels: CancelsView | None = Field(
        description="Null: no subscription runs, or billing has told of none."
    )
    contacted: LastContact | None = Field(description="When somebody contacted them last.")
    snoozed: SnoozedUntil | None = Field(description="Until when they are left out of the list.")

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self:
        """The view of a row of `risk`."""
        drops = {"0.05": row["drop_stop"], "0.3": row["drop_most"], "0.6": row["drop_part"]}
        fitted = row["head"] is not None
        more = {
            "drops": drops,
            "cancels": CancelsView.of(row),
            "outlook": OUTLOOK[row["state"]],
            "basis": "fitted" if fitted else "prior",
            "health": overall(row["risk_90"]),
            "judged_from": judged_from(row["day"], row["reporting_days"]),
            "stop_shows_after_days": stop_shows_after(row["baseline"], row["dispersion"]),
            "contacted": None
            if row["contacted_at"] is None
            else LastContact(
                at=row["contacted_at"], who=row["contacted_by"], outcome=row["outcome"]
            ),
            "snoozed": SnoozedUntil(until=row["until"], who=row["snoozed_by"])
            if row["asleep"]
            else None,
            "risk_range": None if fitted else BOUNDS[row["tier"]],
        }
        return cls(**{**row, **more})


class HealthView(BaseModel):
    """A customer's health as of `day`; the scores say where it lies, they are not averaged."""

    customer: str
    day: Date
    basis: Basis = Field(description="`prior`: `health` is null, the risk is not learned yet.")
    health: int | None = Field(description="0 to 100: what the risk of 90 days leaves of 100.")
    usage: int | None = Field(
        description="Share of the expected use that there lately was; null until 14 days are judged."
    )
    support: int = Field(description="Halved by each ticket of the last 28 days.")
    product: int = Field(
        description="Hours with use against those and faults and errors, of the last 28 days."
    )
    onboarding: int | None = Field(
        description="Share of the weeks since the first use that had any; null after 90 days."
    )


class OnsetView(BaseModel):
    """When a customer's drop began, as of `day`; all null where none is likely or too little is known."""

    customer: str
    day: Date
    earliest: Date | None = Field(description="One in ten began before it.")
    likeliest: Date | None = Field(description="The middle: as many began before as after.")
    latest: Date | None = Field(description="One in ten began after it.")


class DayView(BaseModel):
    """A customer's local day."""

    day: Date
    uses: int = Field(description="Meaningful uses, late ones included.")
    hours: int = Field(description="Distinct hours with use: what the detector counts.")
    reported: bool = Field(description="A use, or heartbeats for at least half of the day.")
    outage: bool = Field(description="The whole cohort was not heard: collection failed.")
    away: bool = Field(description="Of an absence: over a week without use, though heard.")
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


class TierDays(BaseModel):
    """Numbers of days of UTC, the oldest first; the last day is not over."""

    days: list[Date]
    entered: dict[str, list[int]] = Field(description="By tier: how many came into it.")


class UsesView(BaseModel):
    """Hours with use of a customer's last final days."""

    customer: str
    last: Date = Field(description="The day of the newest number.")
    hours: list[int] = Field(description="Distinct hours with use a day, the oldest first.")


class TierView(BaseModel):
    """How many customers are in a tier."""

    tier: Tier
    customers: int
    snoozed: int = Field(description="How many of them are left out of the list for a while.")
    day: Date = Field(description="The last day closed for any of them.")
