"""/v1/customers/{id}/talks, /v1/talks, /v1/discoveries: conversations outside plays."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Response
from pydantic import Field, model_validator

from services.journey.domain.contacts.talk import Kind, Outcome, Talk
from services.journey.edges.api.customers import near
from services.journey.edges.api.models import Moment
from services.journey.edges.api.units import Change, ChangeOnce, Read, Unit
from services.journey.handlers.contacts import talks
from shared.web.bodies import Body, View
from shared.web.guards.auth import Caller
from shared.web.identities import KnownCustomer as Id
from shared.web.pages import After, Limit, Page, by_time, page
from shared.web.times import Time

TalkId = Annotated[str, Path(alias="id", pattern=r"^[0-9a-f-]{1,64}$")]
Words = Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"^[^\x00]*$")]

router = APIRouter(prefix="/v1", tags=["customers"])


class TalkIn(Body):
    """A conversation."""

    kind: Kind
    at: Moment = Field(description="When they talked.")
    outcome: Outcome
    contact: str | None = Field(None, pattern=r"^[0-9a-f-]{1,64}$", description="Of an account.")
    note: Words | None = None
    discovery: Words | None = Field(None, description="What we learned.")
    next_step: Annotated[Words, Field(max_length=200)] | None = Field(
        None, description="What the caller does next."
    )
    due_at: Moment | None = Field(None, description="Until when; with `next_step`.")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.next_step is None) != (self.due_at is None):
            raise ValueError("a next step and the day it is due, or neither")
        return self


class TalkOut(View):
    """A conversation, and who wrote it down."""

    id: str
    customer: str
    kind: Kind
    at: Time
    outcome: Outcome
    contact: str | None
    note: str | None
    discovery: str | None
    next_step: str | None
    due_at: Time | None
    done_at: Time | None = Field(description="The next step was done.")
    who: str


class DiscoveryOut(View):
    """What was learned in a conversation."""

    id: str
    at: Time
    customer: str
    kind: Kind
    discovery: str
    who: str


@router.get("/customers/{id}/talks")
async def list_talks(read: Read, id_: Id) -> list[TalkOut]:
    """The newest 200 with a customer; audited."""
    async with read.audited() as unit:
        return [TalkOut.model_validate(row) for row in await talks.listed(unit, id_)]


@router.post("/customers/{id}/talks", status_code=201, response_model=TalkOut)
async def add_talk(once: ChangeOnce, id_: Id, told: TalkIn) -> Response:
    """Write down a call, a meeting, a mail or a visit."""

    async def work(unit: Unit) -> TalkOut:
        near("body.at", told.at, unit.now)
        return TalkOut.model_validate(await talks.add(unit, id_, Talk(**told.model_dump())))

    async def again(unit: Unit) -> TalkOut:
        return TalkOut.model_validate(await talks.written(unit))

    return await once(201, work, again=again)


@router.get("/talks/ahead")
async def list_next_steps(read: Read, who: Caller, limit: Limit = 50) -> list[TalkOut]:
    """Conversations whose next step the caller has still to do, due first."""
    async with read() as store:
        return [TalkOut.model_validate(row) for row in await store.talks.ahead(who.subject, limit)]


@router.post("/talks/{id}/done")
async def finish_next_step(change: Change, id_: TalkId) -> TalkOut:
    """The next step is done; only who wrote it down has it."""
    async with change() as unit:
        return TalkOut.model_validate(await talks.finish(unit, id_))


@router.get("/discoveries")
async def list_discoveries(
    read: Read, limit: Limit = 50, after: After = None
) -> Page[DiscoveryOut]:
    """What was learned in conversations, the newest first."""
    async with read() as store:
        rows = await store.talks.discoveries(by_time(after), limit + 1)
    return page(rows, limit, DiscoveryOut.model_validate, lambda row: (row.at, row.id))
