"""/v1/plays/{play}/rehearsals: what a play would have been, as a job; /v1/rehearsals: what came of it."""

import asyncio
from dataclasses import replace
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field, model_validator

from services.journey.domain.plays.play import Playbook
from services.journey.domain.rules import Rules
from services.journey.edges.api.models import Started
from services.journey.edges.api.plays.drafts import compiled
from services.journey.edges.api.plays.show_rehearsal import RehearsalOut, shown
from services.journey.edges.api.units import Change, Read
from services.journey.edges.playbook import MOST_BYTES, of_texts
from services.journey.errors import PlaybookWrong
from services.journey.handlers.plays.as_played import now_played
from services.journey.handlers.plays.rehearse import Asked, begin, cancelled, check, rehearse
from shared.errors import NotFound
from shared.web.bodies import Body
from shared.web.routes.jobs import Job, JobBody, Jobs, Running
from shared.web.state import of_state

KIND = "rehearse a play"

router = APIRouter(prefix="/v1", tags=["plays"])

Name = Annotated[str, Path(max_length=60, pattern=r"^[^\x00]*$")]
Id = Annotated[str, Path(alias="id", max_length=64)]
File = Annotated[str, Field(max_length=MOST_BYTES, pattern=r"^[^\x00]*$")]


class RehearseBody(Body):
    """What to rehearse."""

    history_days: int = Field(90, description="How far back; what is kept are 400 days.")
    files: dict[str, File] | None = Field(
        None,
        max_length=2_000,
        description="A playbook that is not published: its files by their names in its folder; left "
        "out: what is played now.",
    )
    draft: bool = Field(False, description="The draft of the play, in place of what is played.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.draft and self.files is not None:
            raise ValueError("one of files and draft")
        return self


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
    async with read() as store:
        rules = await now_played(store.plays, read.rules)
        draft = await store.drafts.one(play) if body.draft else None
    if body.draft and draft is None:
        raise NotFound("draft", play, f"there is no draft of {play}")
    playbook = await asyncio.to_thread(_asked, rules, play, body, draft)
    asked = Asked(play, body.history_days, playbook)
    check(asked, rules, read.now())
    whole = playbook or rules.playbook

    async def work(job: Job) -> None:
        async with read.snapshot() as store:
            job.total = await store.pasts.customers()
            rehearsal = await rehearse(store.pasts, asked, rules, read.now(), job.advance)
        kept.result = await asyncio.to_thread(shown, rehearsal, whole)

    job = jobs.start(KIND, None, work)
    kept = RehearsalJob(
        play=play, history_days=body.history_days, unpublished=playbook is not None,
        by=change.who.subject, job=job.body(), result=None,
    )  # fmt: skip
    known.keep(job.id, kept, jobs)
    async with change() as unit:
        await begin(unit, job.id, asked, None if draft is None else draft.revision)
    return Started(job=job.id)


@router.get("/plays/{play}/rehearsals")
async def list_rehearsals(
    play: Name, read: Read, jobs: Running, known: Known
) -> list[RehearsalJob]:
    """Rehearsals of a play by this process, the newest first, without what came of them."""
    kept = known.of(play)
    if not kept:
        async with read() as store:
            rules, draft = await now_played(store.plays, read.rules), await store.drafts.one(play)
        if draft is None:
            check(Asked(play, 1, None), rules, read.now())
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


def _asked(rules: Rules, play: str, body: RehearseBody, draft: Any) -> Playbook | None:
    """The playbook that was sent along, or with the draft in it; None: what is played.

    Raises PlaybookWrong: everything that is wrong with it.
    """
    if draft is not None:
        read, problems = compiled(rules)(play, draft.files, rules.playbook)
    elif body.files is not None:
        read, problems = of_texts(body.files, [stage.name for stage in rules.journey.stages])
    else:
        return None
    if problems:
        raise PlaybookWrong([str(problem) for problem in problems])
    if draft is None:
        return read
    plays = {**rules.playbook.plays, play: read.plays[play]}
    return replace(read, plays=plays, messages={**rules.playbook.messages, **read.messages})
