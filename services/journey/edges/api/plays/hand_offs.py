"""/v1/handoffs: tasks offered to another team, and what became of it; /v1/linkages: between whom."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from services.journey.edges.api.plays.shown import SharedHandOff, Words
from services.journey.edges.api.plays.tasks import Id as TaskId
from services.journey.edges.api.units import Change, ChangeOnce, Read, Unit
from services.journey.handlers.plays import hand_offs
from services.journey.handlers.plays.tasks import teams_of
from shared.errors import NotFound
from shared.web.bodies import Body, View
from shared.web.guards.auth import Caller
from shared.web.identities import KnownCustomer
from shared.web.pages import After, Limit, Page, by_time, page
from shared.web.times import Time
from shared.web.who import Who

Id = Annotated[str, Path(alias="id", max_length=64, pattern=r"^[^\x00]*$")]
State = Literal["offered", "accepted", "declined", "expired", "withdrawn"]

router = APIRouter(prefix="/v1", tags=["hand-offs"])


class HandOffItem(View):
    """A task that one team offers to another."""

    id: str
    task: str
    customer: str
    play: str
    title: str
    says: str = Field(description="What to do.")
    linkage: str
    giver: str
    taker: str
    team: str = Field(description="Which team owns the task now.")
    summary: str = Field(description="What whoever takes it has to know.")
    next_step: str
    state: State
    offered_at: Time
    offered_by: str
    expires_at: Time
    settled_at: Time | None
    settled_by: str | None = Field(description="null: nobody answered in time.")
    why: str | None = Field(description="Of declining.")


class LinkageOut(View):
    """A hand-over between two teams that is allowed."""

    name: str
    giver: str
    taker: str
    what: str
    accept_s: int = Field(description="Time of the taker to accept it, seconds.")
    escalate: str = Field(description="The team that gets what nobody has accepted in time.")


class CellOut(View):
    """Hand-offs between two teams."""

    giver: str
    taker: str
    offers: int
    offered: int = Field(description="That wait for an answer.")
    accepted: int
    declined: int
    expired: int
    withdrawn: int = Field(
        description="By the giver, or the task was done or needed no more before an answer."
    )
    median_s: float | None = Field(description="Half of the answers took longer; null: no answer.")


class OfferBody(Body):
    """A task is offered by a linkage of its team."""

    linkage: str = Field(max_length=60, pattern=r"^[^\x00]*$")
    summary: Words = Field(description="What whoever takes it has to know.")
    next_step: Words = Field(description="What they do first.")


class DeclineBody(Body):
    """Why a task is not taken."""

    why: Words


def _shown(row: Any, who: Who) -> HandOffItem | SharedHandOff:
    if who.is_partner:
        return SharedHandOff.of(row)
    return HandOffItem.model_validate(row)


@router.get("/linkages")
async def list_linkages(read: Read, who: Caller) -> list[LinkageOut]:
    """Where the caller's teams may hand tasks over to."""
    teams = teams_of(read, who)
    allowed = read.rules.playbook.linkages.values()
    return [LinkageOut.model_validate(linkage) for linkage in allowed if linkage.giver in teams]


@router.get("/handoffs")
async def list_hand_offs(
    read: Read,
    who: Caller,
    side: Annotated[
        Literal["taker", "giver"], Query(description="Which of the two the caller's teams are.")
    ] = "taker",
    state: State = "offered",
    limit: Limit = 50,
    after: After = None,
) -> Page[HandOffItem | SharedHandOff]:
    """Hand-offs to the caller's teams, or from them; what expires first comes first."""
    async with read() as store:
        rows = await store.hand_offs.listed(
            teams_of(read, who), side, state, by_time(after), limit + 1
        )
    return page(rows, limit, lambda row: _shown(row, who), lambda row: (row.expires_at, row.id))


@router.get("/handoffs/matrix")
async def measure_hand_offs(
    read: Read, last: Annotated[int, Query(ge=1, le=366, description="Days.")] = 90
) -> list[CellOut]:
    """From which team to which: how many were offered, what became of them, and how long it took."""
    async with read() as store:
        cells = await store.hand_offs.matrix(read.now() - timedelta(days=last))
    return [CellOut.model_validate(cell) for cell in cells]


@router.get("/customers/{id}/handoffs")
async def list_of_customer(read: Read, id_: KnownCustomer) -> list[HandOffItem]:
    """All hand-offs about a customer, the newest first."""
    async with read() as store:
        if not await store.runs.exists(id_):
            raise NotFound("customer", id_)
        rows = await store.hand_offs.of_customer(id_)
    return [HandOffItem.model_validate(row) for row in rows]


@router.get("/handoffs/{id}")
async def read_hand_off(read: Read, who: Caller, id_: Id) -> HandOffItem | SharedHandOff:
    """One hand-off of the caller's teams."""
    async with read() as store:
        row = await store.hand_offs.one(id_)
    if row is None or not {row.giver, row.taker} & set(teams_of(read, who)):
        raise NotFound("hand_off", id_)
    return _shown(row, who)


@router.post("/tasks/{id}/offer", status_code=201, response_model=HandOffItem | SharedHandOff)
async def offer_task(once: ChangeOnce, id_: TaskId, wish: OfferBody) -> Response:
    """Offer a task of the caller's team to another one; it stays where it is until it is accepted."""

    async def work(unit: Unit) -> HandOffItem | SharedHandOff:
        offered = await hand_offs.offer(unit, id_, wish.linkage, wish.summary, wish.next_step)
        return _shown(await hand_offs.read(unit, offered), unit.who)

    async def again(unit: Unit) -> HandOffItem | SharedHandOff:
        """Its words stand in one table: made again, so that an erasure reaches them."""
        return _shown(await hand_offs.offered_before(unit), unit.who)

    return await once(201, work, again=again)


@router.post("/handoffs/{id}/accept")
async def accept_hand_off(change: Change, id_: Id) -> HandOffItem | SharedHandOff:
    """Take the task: it is the caller's team's from now on, and so is its time."""
    async with change() as unit:
        await hand_offs.accept(unit, id_)
        return _shown(await hand_offs.read(unit, id_), unit.who)


@router.post("/handoffs/{id}/decline")
async def decline_hand_off(
    change: Change, id_: Id, wish: DeclineBody
) -> HandOffItem | SharedHandOff:
    """Do not take the task: it stays with who offered it, and they are told why."""
    async with change() as unit:
        await hand_offs.decline(unit, id_, wish.why)
        return _shown(await hand_offs.read(unit, id_), unit.who)


@router.post("/handoffs/{id}/withdraw")
async def withdraw_hand_off(change: Change, id_: Id) -> HandOffItem | SharedHandOff:
    """Take an offer back that nobody has answered."""
    async with change() as unit:
        await hand_offs.withdraw(unit, id_)
        return _shown(await hand_offs.read(unit, id_), unit.who)
