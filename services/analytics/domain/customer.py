"""What analytics knows of a customer beside the usage: where, which plan, which product."""

from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta

from services.analytics.domain.close import REGION
from shared.events import CustomerChanged, RegistryChanged

SETTLED_AFTER = timedelta(days=2)  # a change counts from the second day after it
APP = "app"  # the model of customers without a device


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer; the defaults are those of a customer only heard of in an event.

    A change of plan counts from two days after it, so that a closing, which runs a day and six
    hours after the day began, reads the same however far the consumer has read on.

    Attributes:
        version: of the newest customer.changed applied.
        plan_before: the plan until `plan_from`.
        model: of the device claimed first.
        model_key: when and what that was; the smallest wins, in whatever order claims arrive.
        devices: how many are owned now.
        released_on: UTC day on which the last owned device was given away or retired.
        erased: nothing of the customer is kept or read any more.
        first_day: local day of the first usage or heartbeat.
    """

    zone: str = "UTC"
    region: str = "default"
    version: int = 0
    plan: str = "none"
    plan_before: str = "none"
    plan_from: date | None = None
    model: str | None = None
    model_key: str | None = None
    devices: int = 0
    released_on: date | None = None
    erased: bool = False
    first_day: date | None = None

    def cohort(self, day: date) -> str:
        """Model and plan on a day; the region is the closing's."""
        began = self.plan_from is None or day >= self.plan_from
        return f"{self.model or APP}/{self.plan if began else self.plan_before}"

    def expects_heartbeats(self, day: date) -> bool:
        """Whether silence means anything: not once the last device was given away."""
        return (
            self.devices > 0 or self.released_on is None or self.released_on + SETTLED_AFTER > day
        )


def described(known: Customer, news: CustomerChanged) -> Customer:
    """The customer after journey's news; an older version changes nothing."""
    if news.version <= known.version or known.erased:
        return known
    moved = replace(
        known, version=news.version, zone=news.zone, region=news.region, erased=news.erased
    )
    if news.plan == known.plan:
        return moved
    if known.version == 0:
        return replace(moved, plan=news.plan, plan_before=news.plan)
    began = news.at.astimezone(UTC).date() + SETTLED_AFTER
    return replace(moved, plan=news.plan, plan_before=known.plan, plan_from=began)


def gained(known: Customer, news: RegistryChanged) -> Customer:
    """The customer after getting a source."""
    if news.kind != "device":
        return known
    key = f"{news.at.astimezone(UTC).isoformat()} {news.source}"
    first = known.model_key is None or key < known.model_key
    return replace(
        known,
        devices=known.devices + 1,
        model=news.model if first else known.model,
        model_key=key if first else known.model_key,
    )


def lost(known: Customer, news: RegistryChanged) -> Customer:
    """The customer after giving a source away, or after its end."""
    if news.kind != "device":
        return known
    on = news.at.astimezone(UTC).date()
    known_on = known.released_on
    return replace(
        known,
        devices=known.devices - 1,
        released_on=on if known_on is None or on > known_on else known_on,
    )


def ownership(news: RegistryChanged) -> tuple[str | None, str | None]:
    """Who loses and who gains the source: (previous owner, new owner), None for nobody."""
    match news.change:
        case "claimed" | "moved" if news.customer != news.previous_customer:
            return news.previous_customer, news.customer
        case "retired":
            return news.previous_customer or news.customer, None
        case _:
            return None, None


def cohort_name(cohort: str, region: str) -> str:
    """How a cohort is called outside: model/plan/region, or the region alone."""
    return region if cohort == REGION else f"{cohort}/{region}"
