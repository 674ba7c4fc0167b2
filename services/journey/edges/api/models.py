"""What requests and answers look like."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    ValidationInfo,
    field_validator,
)

from services.journey.domain.imports.cells import YEARS
from services.journey.domain.imports.import_lines import EMAIL
from shared import normal
from shared.events import customer_changed
from shared.web.bodies import Body
from shared.web.identities import CustomerId, Phone, StoredCustomer, Zone
from shared.web.times import Time


def _plain(text: str) -> str:
    hidden = normal.unseen(text, joiners=True)
    if hidden is not None:
        raise ValueError(f"text without {hidden}, which nobody sees")
    normalised = normal.normal(text)
    if not normalised:
        raise ValueError("text, not blanks alone")
    return normalised


Text = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_plain)]
Price = Annotated[float, Field(strict=True, ge=0, le=1e9, description="In the vendor's currency.")]
Status = Literal["trial", "active", "cancelled", "ended"]


def _countable(moment: Time) -> Time:
    if not YEARS[0] < moment.year < YEARS[1]:
        raise ValueError(f"a time between the years {YEARS[0]} and {YEARS[1]}")
    return moment


Moment = Annotated[Time, AfterValidator(_countable)]


def _not_before(moment: Moment | None, info: ValidationInfo, field: str) -> Moment | None:
    """The end of a term. Raises ValueError: it lies before the beginning in `field`."""
    begins = info.data.get(field)
    if moment is not None and begins is not None and moment < begins:
        raise ValueError(f"a time that is not before {field}")
    return moment


class ProfileIn(Body):
    """Personal data: kept in one table, never in an event or a log."""

    name: Text
    email: Annotated[Text, Field(pattern=f"^{EMAIL.pattern}$")] | None = None
    phone: Annotated[Text, Phone] | None = None
    address: Text | None = Field(None, description="Street, number, postal code, town.")
    locale: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")] | None = None


class SubscriptionIn(Body):
    """A subscription as billing knows it."""

    plan: Text
    started_at: Moment
    renews_at: Moment | None = Field(None, description="End of the present term.")
    price_month: Price = 0.0
    status: Status = "active"

    @field_validator("renews_at")
    @classmethod
    def _after_start(cls, renews_at: Moment | None, info: ValidationInfo) -> Moment | None:
        return _not_before(renews_at, info, "started_at")

    def made(self) -> customer_changed.Subscription:
        """The domain's subscription."""
        return customer_changed.Subscription(
            plan=self.plan, started_at=self.started_at, status=self.status,
            renews_at=self.renews_at, price_month=self.price_month,
        )  # fmt: skip


class SubscriptionChange(SubscriptionIn):
    """A subscription, and from when on it is so."""

    at: Moment | None = Field(
        None,
        description="When it changed, or will: kept as planned until then. The present if left out.",
    )


class PurchaseIn(Body):
    """Something bought."""

    product: Text
    at: Moment = Field(description="When; up to 400 days ahead it is kept as planned.")
    price: Price = 0.0


Why = Annotated[Text, Field(min_length=3, max_length=200)]


class Correction(PurchaseIn):
    """A purchase as it was in truth, and why that was not known."""

    reason: Why = Field(description="Kept in the audit: it must not say who is meant.")


class Withdrawal(Body):
    """Why something never was."""

    reason: Why = Field(description="Kept in the audit: it must not say who is meant.")


class CustomerIn(Body):
    """A new customer."""

    id: CustomerId | None = Field(None, description="Your id of the customer; one is made if none.")
    kind: Literal["household", "business"] = "household"
    zone: Zone = Field("UTC", description="IANA time zone of the customer's days.")
    region: Text = "default"
    profile: ProfileIn
    subscription: SubscriptionIn | None = None
    purchases: list[PurchaseIn] = Field([], max_length=100)


class RenewalIn(Body):
    """One renewal."""

    customer: StoredCustomer
    at: Moment
    renews_at: Moment = Field(description="End of the new term.")

    @field_validator("renews_at")
    @classmethod
    def _after_renewal(cls, renews_at: Moment, info: ValidationInfo) -> Moment | None:
        return _not_before(renews_at, info, "at")


class Renewals(Body):
    """Renewals of one billing run, at most one of each customer."""

    renewals: Annotated[list[RenewalIn], Field(min_length=1, max_length=5_000, fail_fast=True)]


class LeftOut(BaseModel):
    """A customer for whom nothing was done, and why."""

    customer: str
    why: str


class Renewed(BaseModel):
    """What became of a billing run."""

    renewed: int
    left_out: list[LeftOut]


class ProfileOut(BaseModel):
    """Personal data."""

    name: str
    email: str | None
    phone: str | None
    address: str | None
    locale: str | None


class ContactOut(BaseModel):
    """Personal data: how to reach somebody."""

    name: str
    email: str | None
    phone: str | None


class SubscriptionOut(BaseModel):
    """The present subscription."""

    plan: str
    status: Status
    started_at: Time
    renews_at: Time | None
    price_month: float


class PurchaseOut(BaseModel):
    """Something bought."""

    id: str
    product: str
    at: Time
    price: float


class TermOut(BaseModel):
    """Something billing said of the subscription."""

    id: str
    kind: Literal["subscription", "renewal"]
    at: Time = Field(description="From when on it is so.")
    subscription: SubscriptionOut | None = Field(description="As it stands from then on.")


class PlannedOut(BaseModel):
    """Something that lies ahead: it comes into effect at its time."""

    kind: Literal["subscription", "renewal", "purchase"]
    at: Time
    term: TermOut | None = None
    purchase: PurchaseOut | None = None


class Withdrawn(BaseModel):
    """Something that never was."""

    id: str
    kind: Literal["subscription", "renewal", "purchase"]


class EntryOut(BaseModel):
    """A stage entered."""

    stage: str
    previous: str | None
    at: Time
    cause: str = Field(description="Identity of the event, or `timer:<fact>`.")


class CustomerItem(BaseModel):
    """What is known of a customer without personal data."""

    id: str
    kind: str
    zone: str
    region: str
    stage: str | None
    stage_since: Time | None


class CustomerListed(CustomerItem):
    """The same, with what a list says of it."""

    name: str | None = Field(description="null: not known, or not shown to the caller.")
    plan: str | None
    csm: str | None = Field(description="Who looks after them; null: nobody.")


class CustomerCounts(BaseModel):
    """How many customers there are."""

    customers: int


class CustomerOut(CustomerItem):
    """All there is to know of a customer."""

    profile: ProfileOut | None = Field(description="null: only heard of in events so far.")
    subscription: SubscriptionOut | None
    purchases: list[PurchaseOut]
    terms: list[TermOut] = Field(description="What billing said of the subscription until now.")
    planned: list[PlannedOut] = Field(description="What lies ahead, the next first.")
    facts: dict[str, bool | int | str | None] = Field(description="As of now; null: unknown.")
    history: list[EntryOut]


class Started(BaseModel):
    """Long work that was begun."""

    job: str = Field(description="Follow it at /v1/jobs/{job}.")
