"""/v1/teams and /v1/plays/{play}/assignments: who does the tasks of plays."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.journey.domain.plays.owner import Way
from services.journey.edges.api.models import Text
from services.journey.edges.api.plays.drafts import Name
from services.journey.edges.api.units import Change, Read
from services.journey.handlers.plays import assignees
from services.journey.handlers.plays.as_played import now_played
from shared.errors import NotFound
from shared.web import etags
from shared.web.bodies import Body, View
from shared.web.etags import IfMatch
from shared.web.times import Time

MOST = 100  # assignments of a play that are shown
Word = Annotated[str, Path(max_length=60, pattern=r"^[^\x00]*$")]
Subject = Annotated[
    str, Path(max_length=200, pattern=r"^[a-z]+:[!-~]+$", description="Subject of a token.")
]
Id = Annotated[str, Path(alias="id", max_length=64, pattern=r"^[^\x00]*$")]

router = APIRouter(prefix="/v1", tags=["plays"])


class MemberOut(BaseModel):
    """Somebody who is given tasks of a team."""

    who: str = Field(description="Subject of a token.")
    skills: list[str]
    open: int = Field(description="Tasks that they have now, of whatever team.")
    given_at: Time | None = Field(description="A task of this team, last.")
    etag: str = Field(description="For `If-Match` when their skills are changed.")


class TeamOut(BaseModel):
    """Who does tasks, and how its tasks get an owner."""

    team: str
    says: str
    organisation: str | None = Field(description="Of the partner whose team it is.")
    owner: Way
    skills: list[str] = Field(description="What some of its people can do.")
    members: list[MemberOut]


class MemberIn(Body):
    """What somebody can do."""

    skills: list[Text] = Field([], max_length=20, description="Words of the team.")


class AssignmentOut(View):
    """A share of a play's tasks that another team does than its file says."""

    id: str
    step: str | None = Field(description="null: the whole play.")
    team: str
    percent: int = Field(description="Of runs, by hash.")
    begun_at: Time
    begun_by: str
    ended_at: Time | None = Field(description="null: it holds.")
    ended_by: str | None


class AssignIn(Body):
    """Which team does which share of what."""

    step: Text | None = Field(None, description="null: the whole play.")
    team: Text
    percent: int = Field(100, ge=1, le=100, description="Of runs, by hash: it can grow.")


class TaskStepOut(BaseModel):
    """A step whose team can be another one."""

    step: str
    team: str = Field(description="As the play's file says.")


class AssigneesOut(BaseModel):
    """Who does the tasks of a play, and who did."""

    steps: list[TaskStepOut]
    assignments: list[AssignmentOut] = Field(description="What holds, then the newest.")


def _etag(skills: Iterable[str]) -> str:
    return etags.of_text(" ".join(sorted(skills)))


@router.get("/teams")
async def list_teams(read: Read) -> list[TeamOut]:
    """The teams of the playbook, with those who are given their tasks."""
    teams = read.rules.playbook.teams
    async with read() as store:
        members = await store.members.of(sorted(teams))
    return [
        TeamOut(
            team=name, says=team.says, organisation=team.organisation, owner=team.owner,
            skills=sorted(team.skills),
            members=[
                MemberOut(
                    who=m.who, skills=sorted(m.skills), open=m.open, given_at=m.given_at,
                    etag=_etag(m.skills),
                )
                for m in members[name]
            ],
        )
        for name, team in sorted(teams.items())
    ]  # fmt: skip


@router.put("/teams/{team}/members/{member}", status_code=204)
async def put_member(
    change: Change, team: Word, member: Subject, body: MemberIn, if_match: IfMatch = None
) -> None:
    """Somebody is given tasks of a team from now on."""
    async with change() as unit:
        unchanged = etags.unchanged(if_match, _etag)
        await assignees.put_member(unit, team, member, body.skills, unchanged)


@router.delete("/teams/{team}/members/{member}", status_code=204)
async def drop_member(change: Change, team: Word, member: Subject) -> None:
    """They are given no more of them; what they have stays theirs."""
    async with change() as unit:
        await assignees.drop_member(unit, team, member)


@router.get("/plays/{play}/assignments")
async def list_assignments(read: Read, play: Name) -> AssigneesOut:
    """Which teams do the tasks of a play, and which did."""
    async with read() as store:
        rules = await now_played(store.plays, read.rules)
        published = await store.plays.one(play)
        rows = await store.assignments.of_play(play, MOST)
    if published is None:
        raise NotFound("play", play)
    named = assignees.named_teams(rules, play)
    return AssigneesOut(
        steps=[TaskStepOut(step=step, team=team) for step, team in named.items()],
        assignments=[AssignmentOut.model_validate(row) for row in rows],
    )


@router.post("/plays/{play}/assignments")
async def assign_play(change: Change, play: Name, body: AssignIn) -> AssignmentOut:
    """A share of its tasks is another team's from now on; what was said before of it ends."""
    async with change() as unit:
        row = await assignees.assign(unit, play, body.step, body.team, body.percent)
        return AssignmentOut.model_validate(row)


@router.post("/plays/{play}/assignments/{id}/end", status_code=204)
async def end_assignment(change: Change, play: Name, id_: Id) -> None:
    """From now on the teams that the play names do its tasks again."""
    async with change() as unit:
        await assignees.end(unit, play, id_)
