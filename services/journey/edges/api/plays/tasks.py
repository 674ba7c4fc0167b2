"""/v1/tasks: what people are asked to do, and what came of it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from services.journey.edges.api.models import ContactOut
from services.journey.edges.api.plays.shown import SharedTask
from services.journey.edges.api.units import Change, Read
from services.journey.handlers.plays import tasks
from shared.errors import NotFound
from shared.web.bodies import Body, View
from shared.web.guards.auth import Caller
from shared.web.guards.fresh import SECOND_FACTOR
from shared.web.pages import After, Limit, Page, by_time, page
from shared.web.times import Time
from shared.web.who import Who

Id = Annotated[str, Path(alias="id", max_length=64, pattern=r"^[^\x00]*$")]
Word = Annotated[str | None, Query(max_length=60, pattern=r"^[^\x00]*$")]

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


class TaskItem(View):
    """A task; what to do and what may come of it as they were when it was opened."""

    id: str
    customer: str
    play: str = Field(description="Empty: the next step of a conversation.")
    step: str
    team: str
    title: str
    says: str = Field(description="What to do.")
    results: list[str] = Field(description="What may come of it.")
    state: str = Field(description="open, claimed, done, cancelled")
    owner: str | None = Field(description="Who has it, or did it.")
    opened_at: Time
    due_at: Time
    done_at: Time | None
    result: str | None
    note: str | None
    starts_at: Time | None = Field(description="Agreed with the customer; null: any time.")
    call: str | None = Field(None, description="Where that is moved: `/v1/calls/{id}`.")
    csm: str | None = Field(None, description="Who looks after the customer; null: nobody.")


class DoneBody(Body):
    """What came of a task."""

    result: str = Field(max_length=60, pattern=r"^[^\x00]*$", description="One of the task's.")
    note: str | None = Field(None, max_length=4_000, pattern=r"^[^\x00]*$")


class RevealBody(Body):
    """Why contact data is needed."""

    purpose: Literal["call_back", "appointment", "delivery", "identity", "complaint", "other"] = (
        Field(description="What it is for; kept in the audit.")
    )


def _shown(row: Any, who: Who) -> TaskItem | SharedTask:
    """A task as the caller is shown it."""
    return SharedTask.of(row, who.subject) if who.is_partner else TaskItem.model_validate(row)


@router.get("")
async def list_tasks(
    read: Read,
    who: Caller,
    team: Word = None,
    mine: Annotated[bool, Query(description="Only those that the caller has.")] = False,
    limit: Limit = 50,
    after: After = None,
) -> Page[TaskItem | SharedTask]:
    """Open tasks of the caller's teams; what is due first comes first."""
    teams = tasks.teams_of(read, who)
    wanted = teams if team is None else [own_team for own_team in teams if own_team == team]
    async with read() as store:
        listed_tasks = await store.tasks.listed(
            wanted, who.subject if mine else None, by_time(after), limit + 1
        )
    return page(listed_tasks, limit, lambda row: _shown(row, who), lambda row: (row.due_at, row.id))


@router.get("/{id}")
async def read_task(read: Read, who: Caller, id_: Id) -> TaskItem | SharedTask:
    """One task of the caller's teams."""
    async with read() as store:
        row = await store.tasks.one(id_)
    if row is None or row.team not in tasks.teams_of(read, who):
        raise NotFound("task", id_)
    return _shown(row, who)


@router.post("/{id}/claim")
async def claim_task(change: Change, id_: Id) -> TaskItem | SharedTask:
    """Take a task; 409 `not_your_task` where somebody else has it."""
    async with change() as unit:
        await tasks.claim(unit, id_)
        return _shown(await tasks.read(unit, id_), unit.who)


@router.post("/{id}/release")
async def release_task(change: Change, id_: Id) -> TaskItem | SharedTask:
    """Give a task back to its team."""
    async with change() as unit:
        await tasks.release(unit, id_)
        return _shown(await tasks.read(unit, id_), unit.who)


@router.post("/{id}/done")
async def finish_task(change: Change, id_: Id, done: DoneBody) -> TaskItem | SharedTask:
    """Say what came of a task: the play goes on with that."""
    async with change() as unit:
        await tasks.finish(unit, id_, done.result, done.note)
        return _shown(await tasks.read(unit, id_), unit.who)


@router.post("/{id}/reveal", dependencies=[SECOND_FACTOR])
async def reveal_contact(
    response: Response, change: Change, id_: Id, wish: RevealBody
) -> ContactOut:
    """Whom to call, in clear: for who has the task, and has given a second factor a moment ago."""
    async with change() as unit:
        contact = await tasks.reveal(unit, id_, wish.purpose)
    response.headers["Cache-Control"] = "no-store"
    return ContactOut.model_validate(contact, from_attributes=True)
