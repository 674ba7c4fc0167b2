"""/v1/calls: what customers and teams have agreed on; /v1/customers/{id}/calls: those of one."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from services.journey.domain.calls.call import CallState
from services.journey.edges.api.models import Moment
from services.journey.edges.api.units import Change, Read
from services.journey.handlers.calls import by_team
from services.journey.handlers.plays.tasks import teams_of
from shared.errors import NotFound
from shared.web.bodies import Body, View
from shared.web.guards.auth import Caller
from shared.web.identities import KnownCustomer
from shared.web.pages import After, Limit, Page, by_time, page
from shared.web.times import Time

Id = Annotated[str, Path(alias="id", pattern=r"^[0-9a-f-]{1,64}$")]

router = APIRouter(prefix="/v1", tags=["tasks"])


class CallOut(View):
    """A call or a meeting whose time the customer chooses."""

    id: str
    customer: str
    play: str
    step: str
    team: str
    title: str = Field(description="Customers read it, too.")
    state: CallState
    offered_at: Time
    starts_at: Time | None = Field(description="As agreed last; null: never.")
    ends_at: Time | None
    task: str | None = Field(description="Of who keeps it; null: it is not booked.")
    changed_at: Time


class CallAhead(CallOut):
    """One that is booked, and who keeps it."""

    owner: str | None = Field(description="null: nobody of the team has taken it yet.")


class CallWithTimes(CallOut):
    """One of them, and when it could be instead."""

    zone: str = Field(description="Of the customer.")
    free: list[Time]


class MoveBody(Body):
    """To when."""

    starts_at: Moment = Field(description="One of the free times.")


@router.get("/calls")
async def list_calls(
    read: Read, who: Caller, limit: Limit = 50, after: After = None
) -> Page[CallAhead]:
    """Booked calls of the caller's teams that have not ended, the next first."""
    async with read() as store:
        rows = await store.calls.ahead(teams_of(read, who), read.now(), by_time(after), limit + 1)
    return page(rows, limit, CallAhead.model_validate, lambda row: (row.starts_at, row.id))


@router.get("/calls/{id}")
async def read_call(read: Read, id_: Id) -> CallWithTimes:
    """One of the caller's teams, with the times that are free now."""
    async with read.audited() as unit:
        row, zone, free = await by_team.read(unit, id_)
    return CallWithTimes(**CallOut.model_validate(row).model_dump(), zone=zone, free=list(free))


@router.post("/calls/{id}/move")
async def move_call(change: Change, id_: Id, to: MoveBody) -> CallOut:
    """To another free time; the customer is told by mail. 409 `slot_taken`, `call_not_so`."""
    async with change() as unit:
        await by_team.move_call(unit, id_, to.starts_at)
        return CallOut.model_validate((await by_team.read(unit, id_))[0])


@router.post("/calls/{id}/cancel")
async def cancel_call(change: Change, id_: Id) -> CallOut:
    """Take it back; the customer is told by mail and may choose another time."""
    async with change() as unit:
        await by_team.cancel_call(unit, id_)
        return CallOut.model_validate((await by_team.read(unit, id_))[0])


@router.get("/customers/{id}/calls")
async def list_customer_calls(read: Read, id_: KnownCustomer) -> list[CallOut]:
    """Those that were ever offered to a customer, the newest first."""
    async with read() as store:
        if await store.reader.find(id_) is None:
            raise NotFound("customer", id_)
        return [CallOut.model_validate(row) for row in await store.calls.of_customer(id_)]
