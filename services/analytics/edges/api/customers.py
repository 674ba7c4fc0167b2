"""`/v1/customers/{id}/risk` and `/days`: one customer, with the numbers behind the verdict."""

from dataclasses import astuple
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.analytics.domain.days.absences import absent
from services.analytics.domain.days.extent import Group
from services.analytics.domain.days.local_day import DAY_S
from services.analytics.domain.days.totals import DaySum
from services.analytics.domain.drops.day import ENOUGH
from services.analytics.domain.drops.onset import hours_of, onset
from services.analytics.domain.drops.parameters import STANDARD
from services.analytics.domain.risks.health import ONBOARDING, health
from services.analytics.edges.api.units import Read
from services.analytics.edges.api.views import DayView, HealthView, OnsetView, RiskView
from shared.errors import NotFound

router = APIRouter(prefix="/v1/customers", tags=["risks"])

ONSET_DAYS = 120  # that a drop's begin is looked for in
LIKELY = 0.5  # posterior from which there is one to look for

Id = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("/{customer}/risk")
async def read_risk(read: Read, customer: Id) -> RiskView:
    """A customer's risk. 404 `customer_not_found` before the first day with them was closed."""
    async with read() as store:
        row = await store.risks.of(customer, read.now().date())
    if row is None:
        raise NotFound("customer", customer)
    return RiskView.of(row)


@router.get("/{customer}/health")
async def read_health(read: Read, customer: Id) -> HealthView:
    """A customer's health and its four scores. 404 `customer_not_found` as for the risk."""
    async with read() as store:
        row = await store.risks.of(customer, read.now().date())
        days = await store.days.last(customer, ONBOARDING)
    if row is None:
        raise NotFound("customer", customer)
    scores = health(
        row["risk_90"],
        row["recent"],
        row["usual"],
        days or {},
        row["day"],
        judged=row["reporting_days"] >= STANDARD.learning,
    )
    return HealthView(
        customer=customer,
        day=row["day"],
        basis="prior" if row["head"] is None else "fitted",
        health=scores.overall,
        usage=scores.usage,
        support=scores.support,
        product=scores.product,
        onboarding=scores.onboarding,
    )


@router.get("/{customer}/onset")
async def read_onset(read: Read, customer: Id) -> OnsetView:
    """When a customer's drop began, as three days. 404 `customer_not_found` as for the risk."""
    async with read() as store:
        row = await store.risks.of(customer)
        days = await store.days.last(customer, ONSET_DAYS)
    if row is None:
        raise NotFound("customer", customer)
    drop = None
    if row["posterior"] >= LIKELY:
        seen = hours_of(days or {}, row["day"], ONSET_DAYS)
        drop = onset(seen, row["baseline"], row["dispersion"])
    first = row["day"] - timedelta(days=ONSET_DAYS - 1)
    places = (None, None, None) if drop is None else astuple(drop)
    earliest, likeliest, latest = (
        None if place is None else first + timedelta(days=place) for place in places
    )
    return OnsetView(
        customer=customer, day=row["day"], earliest=earliest, likeliest=likeliest, latest=latest
    )


@router.get("/{customer}/days")
async def read_days(
    read: Read, customer: Id, last: Annotated[int, Query(ge=1, le=400)] = 90
) -> list[DayView]:
    """The customer's last local days up to the one with the newest input, oldest first."""
    async with read() as store:
        days = await store.days.last(customer, last)
        if days is None:
            raise NotFound("customer", customer)
        if not days:
            return []
        row, first = await store.risks.of(customer), min(days)
        unheard: set[date] = set()
        if row is not None:
            group = Group(row["region"], row["model"], row["plan"])
            unheard = await store.outages.days_of(group, first)
    span = [first + timedelta(days=n) for n in range((max(days) - first).days + 1)]
    seen = [days.get(day, DaySum()) for day in span]
    told = [(each_day.uses, _is_reported(each_day)) for each_day in seen]
    absences = absent(told, is_away=row is not None and row["state"] == "away")
    return [
        _view(day, each_day, outage=day in unheard, away=away)
        for day, each_day, away in zip(span, seen, absences, strict=True)
    ]


def _is_reported(seen: DaySum) -> bool:
    return seen.uses > 0 or seen.covered_s >= ENOUGH * DAY_S


def _view(day: date, seen: DaySum, *, outage: bool, away: bool) -> DayView:
    return DayView(
        day=day,
        uses=seen.uses,
        hours=seen.hours.bit_count(),
        reported=_is_reported(seen),
        outage=outage,
        away=away,
        late_uses=seen.late_uses,
        faults=seen.faults,
        errors=seen.errors,
        tickets=seen.tickets,
    )
