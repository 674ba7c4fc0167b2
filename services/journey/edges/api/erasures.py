"""/v1/customers/{id}/erasure and /v1/erasures: forget a customer everywhere, and see who has."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from services.journey.edges.api.models import Text
from services.journey.edges.api.units import Change, ChangeOnce, Read, Unit
from services.journey.handlers.erasures.erasures import ask_erasure, tell_again
from services.journey.handlers.erasures.ports import Erasure
from shared.web.bodies import Body
from shared.web.guards.fresh import SECOND_FACTOR
from shared.web.identities import KnownCustomer as Id
from shared.web.pages import After, Limit, Page, by_id, page
from shared.web.problems import Problem
from shared.web.times import Time

Others = Literal["analytics", "ingest", "support"]


class ErasureIn(Body):
    """Why somebody is erased."""

    reason: Annotated[Text, Field(min_length=3, max_length=200)] = Field(
        description="A case number or a word. It is kept for good: it must not say who is meant.",
        examples=["request 2026-117"],
    )


class ServiceOut(BaseModel):
    """How far one service is."""

    service: str
    done_at: Time | None = Field(description="null: not yet.")
    waiting_since: Time | None = Field(description="null: it has answered.")


class ErasureOut(BaseModel):
    """An erasure as it stands."""

    customer: str
    state: Literal["running", "done"]
    done: int = Field(description="Services that have completed it.")
    total: int
    asked_at: Time
    asked_by: str
    reason: str
    told: int = Field(description="How often the other services were told.")
    completed_at: Time | None
    services: list[ServiceOut]

    @classmethod
    def of(cls, asked_erasure: Erasure) -> Self:
        """Show it."""
        services = [
            ServiceOut(
                service=name,
                done_at=at,
                waiting_since=asked_erasure.asked_at if at is None else None,
            )
            for name, at in sorted(asked_erasure.services.items())
        ]
        missing = sum(told_service.done_at is None for told_service in services)
        return cls(
            customer=asked_erasure.customer,
            state="running" if missing else "done",
            done=len(services) - missing,
            total=len(services),
            asked_at=asked_erasure.asked_at,
            asked_by=asked_erasure.asked_by,
            reason=asked_erasure.reason,
            told=asked_erasure.told,
            completed_at=None if missing else asked_erasure.completed_at,
            services=services,
        )


class TellAgain(Body):
    """Whose database was restored."""

    service: Others


class Told(BaseModel):
    """How many erasures were told."""

    told: int


router = APIRouter(prefix="/v1", tags=["personal data"])


@router.post(
    "/customers/{id}/erasure",
    status_code=202,
    response_model=ErasureOut,
    dependencies=[SECOND_FACTOR],
)
async def erase_customer(once: ChangeOnce, id_: Id, wish: ErasureIn) -> Response:
    """Forget a customer, here at once and in the other services as soon as each hears of it."""

    async def work(unit: Unit) -> ErasureOut:
        return ErasureOut.of(await ask_erasure(unit, id_, wish.reason))

    return await once(202, work, erasing=True)


@router.post("/erasures/tell")
async def tell_erasures(change: Change, wish: TellAgain) -> Told:
    """Tell every erasure again, after the database of `service` was restored."""
    told, after = 0, ""
    while True:
        async with change() as unit:
            page_ = await tell_again(unit, wish.service, after)
        if not page_:
            return Told(told=told)
        told, after = told + len(page_), page_[-1].customer


@router.get("/customers/{id}/erasure")
async def read_erasure(read: Read, id_: Id) -> ErasureOut:
    """How far an erasure is: which services have not completed it, and since when."""
    async with read() as store:
        asked = await store.erasures.read(id_)
    if asked is None:
        raise Problem(404, "no_erasure", "Nobody has asked to erase this customer")
    return ErasureOut.of(asked)


@router.get("/erasures")
async def list_erasures(
    read: Read,
    open_only: Annotated[
        bool, Query(alias="open", description="Only those that are not complete.")
    ] = False,
    limit: Limit = 50,
    after: After = None,
) -> Page[ErasureOut]:
    """Erasures by customer."""
    begin = by_id(after)
    async with read() as store:
        listed = await store.erasures.listed(begin, limit + 1, open_only=open_only)
    return page(listed, limit, ErasureOut.of, lambda asked: (asked.customer,))
