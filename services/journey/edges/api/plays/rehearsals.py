"""/v1/plays/{play}/rehearsals: what a play would have been, as a job; /v1/rehearsals: what came of it."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from services.journey.domain.plays.play import Playbook
from services.journey.edges.api.models import Started
from services.journey.edges.api.plays.show_rehearsal import RehearsalOut, shown
from services.journey.edges.api.units import Change, Read
from services.journey.edges.playbook import MOST_BYTES, of_texts
from services.journey.errors import PlaybookWrong
from services.journey.handlers.plays.rehearse import Asked, begin, cancelled, check, rehearse
from shared.errors import NotFound
from shared.web.routes.jobs import Job, JobBody, Jobs, Running
from shared.web.state import of_state

KIND = "rehearse a play"

router = APIRouter(prefix="/v1", tags=["plays"])

Name = Annotated[str, Path(max_length=60, pattern=r"^[^\x00]*$")]
Id = Annotated[str, Path(alias="id", max_length=64)]
File = Annotated[str, Field(max_length=MOST_BYTES, pattern=r"^[^\x00]*$")]


class RehearseBody(BaseModel):
    """What to rehearse."""

    model_config = ConfigDict(extra="forbid")

    history_days: int = Field(90, description="How far back; what is kept are 400 days.")
    files: dict[str, File] | None = Field(
        None,
        max_length=2_000,
        description="A playbook that is not published: its files by their names in its folder; left "
        "out: what is played now.",
    )


class RehearsalJob(BaseModel):
    """A rehearsal: how far it is, and what came of it."""

    play: str
    history_days: int
    unpublished: bool = Field(description="Of a playbook that was sent along.")
    by: str = Field(description="Subject of who began it.")
    job: JobBody
    result: RehearsalOut | None = Field(description="null: it is not done.")


class Rehearsals:
    """Those of this process whose job is known still."""

    def __init__(self) -> None:
        self._kept: dict[str, RehearsalJob] = {}

    def keep(self, id_: str, rehearsal: RehearsalJob, jobs: Jobs) -> None:
        """One more; those whose job is forgotten are forgotten too."""
        known = {job.id for job in jobs.all()}
        self._kept = {key: kept for key, kept in self._kept.items() if key in known}
        self._kept[id_] = rehearsal

    def find(self, id_: str) -> RehearsalJob:
        """One. Raises NotFound: it is not of this process (any more)."""
        rehearsal = self._kept.get(id_)
        if rehearsal is None:
            raise NotFound("rehearsal", id_)
        return rehearsal

    def of(self, play: str) -> list[RehearsalJob]:
        """Those of a play, the newest first."""
        return [rehearsal for rehearsal in reversed(self._kept.values()) if rehearsal.play == play]


Known = Annotated[Rehearsals, Depends(of_state("rehearsals"))]


@router.post("/plays/{play}/rehearsals", status_code=202)
async def rehearse_play(
    play: Name, body: RehearseBody, read: Read, change: Change, jobs: Running, known: Known
) -> Started:
    """Let every customer live through a play once more, from their known past; sends nothing."""
    playbook = None if body.files is None else await asyncio.to_thread(_playbook, body.files, read)
    asked = Asked(play, body.history_days, playbook)
    check(asked, read.rules, read.now())
    whole = playbook or read.rules.playbook

    async def work(job: Job) -> None:
        async with read.snapshot() as store:
            job.total = await store.pasts.customers()
            rehearsal = await rehearse(store.pasts, asked, read.rules, read.now(), job.advance)
        kept.result = await asyncio.to_thread(shown, rehearsal, whole)

    job = jobs.start(KIND, None, work)
    kept = RehearsalJob(
        play=play, history_days=body.history_days, unpublished=playbook is not None,
        by=change.who.subject, job=job.body(), result=None,
    )  # fmt: skip
    known.keep(job.id, kept, jobs)
    async with change() as unit:
        begin(unit, job.id, asked)
    return Started(job=job.id)


@router.get("/plays/{play}/rehearsals")
async def list_rehearsals(
    play: Name, read: Read, jobs: Running, known: Known
) -> list[RehearsalJob]:
    """Rehearsals of a play by this process, the newest first, without what came of them."""
    kept = known.of(play)
    if not kept:
        check(Asked(play, 1, None), read.rules, read.now())
    return [
        rehearsal.model_copy(update={"job": jobs.find(rehearsal.job.id).body(), "result": None})
        for rehearsal in kept
    ]


@router.get("/rehearsals/{id}")
async def read_rehearsal(id_: Id, jobs: Running, known: Known) -> RehearsalJob:
    """One rehearsal: how far it is, and what came of it once it is done."""
    return known.find(id_).model_copy(update={"job": jobs.find(id_).body()})


@router.post("/rehearsals/{id}/cancel")
async def cancel_rehearsal(id_: Id, change: Change, jobs: Running, known: Known) -> RehearsalJob:
    """End a rehearsal before it is done."""
    kept = known.find(id_)
    job = jobs.cancel(id_)
    async with change() as unit:
        cancelled(unit, id_)
    return kept.model_copy(update={"job": job.body()})


def _playbook(files: Mapping[str, str], read: Read) -> Playbook:
    """The playbook that was sent along. Raises PlaybookWrong: everything that is wrong with it."""
    playbook, problems = of_texts(files, [stage.name for stage in read.rules.journey.stages])
    if problems:
        raise PlaybookWrong([str(problem) for problem in problems])
    return playbook
