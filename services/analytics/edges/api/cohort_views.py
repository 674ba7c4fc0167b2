"""What is shown of many customers at once: who is not judged, and who uses less as others do."""

from datetime import date as Date  # noqa: N812  as in views.py
from typing import Self

from pydantic import BaseModel, Field

from services.analytics.domain.risks.declines import Decline
from shared.web.times import Time


class OutageView(BaseModel):
    """Customers who are not judged now because collection failed: not held against them."""

    region: str
    model: str | None = Field(description="null: whatever it is.")
    plan: str | None = Field(description="null: whatever it is.")
    customers: int
    since: Date | None = Field(description="The first day; null: over, but not judged again yet.")


class UnreachableView(BaseModel):
    """A device that was not heard any more, though its owner was: not held against them."""

    customer: str
    device: str
    since: Date = Field(description="The day of UTC on which it was heard last.")
    told_at: Time = Field(description="When the first day that missed it was closed.")
    over_at: Time | None = Field(
        description="When it was heard again, or was no longer the customer's; null: not yet."
    )


class DeclineView(BaseModel):
    """Customers who use less because many like them do: not held against them."""

    region: str
    model: str | None = Field(description="null: whatever it is.")
    plan: str | None = Field(description="null: whatever it is.")
    customers: int
    share: float = Field(description="Lately used, of what the same customers used over a year.")
    since: Date = Field(description="The day it was seen first.")

    @classmethod
    def of(cls, decline: Decline) -> Self:
        """Show it."""
        extent = decline.extent
        return cls(
            region=extent.region,
            model=extent.model,
            plan=extent.plan,
            customers=extent.customers,
            share=decline.share,
            since=decline.since,
        )
