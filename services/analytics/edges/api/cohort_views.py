"""What is shown of many customers at once: who is not judged, and who uses less as others do."""

from datetime import date as Date  # noqa: N812  as in views.py
from typing import Self

from pydantic import BaseModel, Field

from services.analytics.domain.risks.declines import Decline


class OutageView(BaseModel):
    """Customers who are not judged now because collection failed: not held against them."""

    region: str
    model: str | None = Field(description="null: whatever it is.")
    plan: str | None = Field(description="null: whatever it is.")
    customers: int
    since: Date | None = Field(description="The first day; null: over, but not judged again yet.")


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
