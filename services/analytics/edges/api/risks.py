"""`/v1/risks`: who is at risk, the highest first."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.analytics.edges.api.units import Read
from services.analytics.edges.api.views import HeadView, RiskView, Tier, TierDays, TierView, Word
from shared.utc_days import begin, filled, last_days
from shared.web import pages
from shared.web.pages import After, Limit, Page

router = APIRouter(prefix="/v1/risks", tags=["risks"])

Name = Annotated[
    str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Only customers of it.")
]


@router.get("")
async def list_risks(
    read: Read,
    tier: Annotated[Tier | None, Query(description="Only customers in this tier.")] = None,
    state: Annotated[Word | None, Query(description="Only customers in this state.")] = None,
    region: Name = None,
    plan: Name = None,
    model: Name = None,
    cohort: Name = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[RiskView]:
    """Customers by risk, the highest first."""
    only = {
        "tier": tier,
        "state": state,
        "region": region,
        "plan": plan,
        "model": model,
        "cohort": cohort,
    }
    position = pages.by_number(after)
    async with read() as store:
        found = await store.risks.page(only, position, limit + 1)
    return pages.page(found, limit, RiskView.of, lambda row: (row["risk"], row["customer"]))


@router.get("/days")
async def count_by_day(
    read: Read, last: Annotated[int, Query(ge=1, le=90, description="Days of UTC.")] = 14
) -> TierDays:
    """How many customers came into each tier on each of the last days, the oldest first."""
    days = last_days(read.now(), last)
    async with read() as store:
        found = await store.risks.by_day(begin(days[0]))
    return TierDays(
        days=list(days), entered={tier: list(filled(days, n)) for tier, n in found.items()}
    )


@router.get("/summary")
async def summarise(read: Read) -> list[TierView]:
    """Customers per tier."""
    async with read() as store:
        return [TierView(**row) for row in await store.risks.summary()]


@router.get("/heads")
async def list_heads(read: Read) -> list[HeadView]:
    """What turns numbers into risk, for each region that has enough history, with its back-test."""
    async with read() as store:
        return [HeadView.of(region, fitted) for region, fitted in await store.heads.all()]
