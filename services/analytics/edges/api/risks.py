"""`/v1/risks`: who is at risk, the highest first."""

from collections.abc import Mapping
from datetime import date as Date  # noqa: N812  as in views.py
from operator import itemgetter
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import StringConstraints

from services.analytics.domain.days.close import REGION
from services.analytics.domain.days.extent import Extent, Group, began, described
from services.analytics.domain.risks.declines import declines
from services.analytics.domain.risks.rating import Fitted
from services.analytics.domain.risks.wanted import Place, Sort, Wanted
from services.analytics.edges.api.cohort_views import DeclineView, OutageView, UnreachableView
from services.analytics.edges.api.head_views import HeadView, What
from services.analytics.edges.api.units import Read
from services.analytics.edges.api.views import (
    RiskView,
    Tier,
    TierDays,
    TierView,
    UsesView,
    Word,
)
from shared.utc_days import begin, filled, last_days
from shared.web import pages
from shared.web.counted import Counting
from shared.web.pages import After, Limit, Page

router = APIRouter(prefix="/v1/risks", tags=["risks"])

MOST = 200  # customers of one question
NO_NUL = r"^[^\x00]*$"
Id = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Name = Annotated[
    str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Only customers of it.")
]


async def _wanted(
    tier: Annotated[Tier | None, Query(description="Only customers in this tier.")] = None,
    state: Annotated[Word | None, Query(description="Only customers in this state.")] = None,
    region: Name = None,
    plan: Name = None,
    model: Name = None,
    cohort: Name = None,
    customer: Annotated[
        list[Id] | None, Query(max_length=MOST, description="Only these; repeat it for several.")
    ] = None,
    outage: Annotated[
        bool | None,
        Query(description="true: only whose newest day was not judged, as collection failed."),
    ] = None,
    snoozed: Annotated[
        bool | None,
        Query(description="true: only who is left out for a while; false: nobody of them."),
    ] = None,
) -> Wanted:
    only: dict[str, str | bool | None] = {
        "outage": outage,
        "tier": tier,
        "state": state,
        "region": region,
        "plan": plan,
        "model": model,
        "cohort": cohort,
    }
    return Wanted(only, customer, snoozed)


Asked = Annotated[Wanted, Depends(_wanted)]


@router.get("")
async def list_risks(
    read: Read,
    wanted: Asked,
    sort: Annotated[
        Sort, Query(description="`value`: by risk * price a month, then by risk.")
    ] = "risk",
    limit: Limit = 50,
    after: After = None,
) -> Page[RiskView]:
    """Customers by risk or by what is at stake, the highest first."""
    place: Place | None
    if sort == "value":
        place = pages.by_two_numbers(after)
    else:
        numbers = pages.by_number(after)
        place = None if numbers is None else (numbers[0], *numbers)
    async with read() as store:
        rows = await store.risks.page(wanted, sort, read.now().date(), place, limit + 1)
    lead = ("at_stake", "risk", "customer") if sort == "value" else ("risk", "customer")
    return pages.page(rows, limit, RiskView.of, lambda row: tuple(row[name] for name in lead))


@router.get("/uses")
async def list_uses(
    read: Read,
    customer: Annotated[list[Id], Query(min_length=1, max_length=MOST, description="Whose.")],
    last: Annotated[int, Query(ge=1, le=90, description="Days.")] = 56,
) -> list[UsesView]:
    """How much several customers used on the last days that are final; none of who has none."""
    async with read() as store:
        uses = await store.day_inputs.hours(customer, last)
    return [
        UsesView(customer=id_, last=day, hours=list(hours)) for id_, (day, hours) in uses.items()
    ]


@router.get("/outages")
async def list_outages(read: Read) -> list[OutageView]:
    """Who is not judged now because collection failed: in the fewest words that say it."""
    async with read() as store:
        true_of, all_of = await store.outages.now()
        days = await store.outages.days(sorted({group.region for group in true_of}))
    return [
        OutageView(
            region=extent.region,
            model=extent.model,
            plan=extent.plan,
            customers=extent.customers,
            since=_since(extent, days),
        )
        for extent in described(true_of, all_of)
    ]


@router.get("/unreachable")
async def list_unreachable(
    read: Read,
    customer: Annotated[
        str | None, Query(max_length=200, pattern=NO_NUL, description="Whose.")
    ] = None,
    device: Annotated[
        str | None, Query(max_length=64, pattern=NO_NUL, description="Which.")
    ] = None,
    limit: Limit = 50,
) -> list[UnreachableView]:
    """Devices that were not heard any more while their owner was, the newest first."""
    async with read() as store:
        return [UnreachableView(**row) for row in await store.reach.of(customer, device, limit)]


@router.get("/declines")
async def list_declines(read: Read, counting: Counting) -> list[DeclineView]:
    """Who uses less because many like them do: against their own year, held against nobody."""

    async def count() -> Mapping[Group, int]:
        async with read() as store:
            return await store.declines.sizes()

    async with read() as store:
        last = await store.declines.last()
    sizes = await counting.get("sizes", count, lambda sizes: sum(sizes.values()))
    return [DeclineView.of(decline) for decline in declines(last, sizes)]


def _since(extent: Extent, days: Mapping[tuple[str, str], list[Date]]) -> Date | None:
    """The first day of the longest of its cohorts' outages; of a region's cohorts its own too."""
    first_days = []
    for (region, cohort), silent in days.items():
        model, _, plan = cohort.partition("/")
        its = extent.model in (None, model) and extent.plan in (None, plan)
        if region == extent.region and (its or cohort == REGION):
            first_days.append(began(silent))
    return min((day for day in first_days if day is not None), default=None)


@router.get("/days")
async def count_by_day(
    read: Read, last: Annotated[int, Query(ge=1, le=90, description="Days of UTC.")] = 14
) -> TierDays:
    """How many customers came into each tier on each of the last days, the oldest first."""
    days = last_days(read.now(), last)
    async with read() as store:
        entered = await store.risks.by_day(begin(days[0]))
    return TierDays(
        days=list(days), entered={tier: list(filled(days, n)) for tier, n in entered.items()}
    )


@router.get("/summary")
async def summarise(read: Read, counting: Counting, wanted: Asked) -> list[TierView]:
    """Customers per tier, by the list's filters."""
    today = read.now().date()

    async def count() -> tuple[list[TierView], int]:
        async with read() as store:
            tiers = [TierView(**row) for row in await store.risks.summary(wanted, today)]
            return tiers, await store.risks.all()

    tiers, _ = await counting.get(
        ("tiers", repr(wanted), today),
        count,
        lambda counted: sum(tier.customers for tier in counted[0]),
        itemgetter(1),
    )
    return tiers


@router.get("/heads")
async def list_heads(read: Read) -> list[HeadView]:
    """What turns numbers into risk, for each region that has enough history, with its back-test."""
    async with read() as store:
        silence, cancellation = await store.heads.all(), await store.cancellation_heads.all()
    told: tuple[tuple[What, list[tuple[str, Fitted]]], ...] = (
        ("silence", silence),
        ("cancellation", cancellation),
    )
    return [HeadView.made(what, *head) for what, heads in told for head in heads]
