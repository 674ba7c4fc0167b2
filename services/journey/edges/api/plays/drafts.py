"""/v1/plays/{play}/draft: what a play is to become, written, checked, approved and published."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field, field_validator

from services.journey.domain.plays.lives import Preview, UnderWay, preview
from services.journey.domain.plays.reading import NAME
from services.journey.domain.rules import Rules
from services.journey.edges.api.units import Change, Read, Unit
from services.journey.edges.playbook import MOST_BYTES, read_play
from services.journey.errors import PlaybookWrong
from services.journey.handlers.plays import drafts
from services.journey.handlers.plays.as_played import as_played, now_played
from shared.errors import NotFound
from shared.web import etags
from shared.web.bodies import Body, View
from shared.web.etags import IfMatch
from shared.web.times import Time

MOST_FILES = 100

Name = Annotated[str, Path(alias="play", pattern=f"^{NAME.pattern}$", max_length=60)]
File = Annotated[str, Field(max_length=MOST_BYTES, pattern=r"^[^\x00]*$")]
FileName = Annotated[str, Field(max_length=80)]
Keeps = Annotated[UnderWay, Query(description="What becomes of the runs under way.")]

router = APIRouter(prefix="/v1/plays", tags=["plays"])


class FilesBody(Body):
    """The files of a play: its own, and those of its messages where they are other ones."""

    files: dict[FileName, File] = Field(
        max_length=MOST_FILES,
        description="By their names: plays/NAME.yaml, messages/NAME.md, messages/NAME.mjml.",
    )

    @field_validator("files")
    @classmethod
    def _not_too_long(cls, files: dict[str, str]) -> dict[str, str]:
        if sum(map(len, files.values())) > MOST_BYTES:
            raise ValueError(f"longer than {MOST_BYTES} characters together")
        return files


class CheckBody(FilesBody):
    """Files that are looked at and not kept."""

    play: str = Field(max_length=60, pattern=f"^{NAME.pattern}$")


class PublishBody(Body):
    """How it is published."""

    under_way: UnderWay = Field(
        "follow", description="follow: runs go on with it; pin: they keep the version they have."
    )


class ProblemOut(View):
    """Something that is wrong, and where."""

    file: str
    line: int
    field: str = Field(description="Empty: the whole.")
    what: str


class DraftOut(BaseModel):
    """A draft."""

    play: str
    state: str = Field(description="draft, asked: for approval, approved")
    files: dict[str, str]
    authors: list[str] = Field(description="Subjects of who wrote on it; none of them approves it.")
    based_on: int = Field(description="The version it began with; 0: it is a new play.")
    changed_at: Time
    rehearsed_at: Time | None = Field(description="As it is now; null: not yet.")
    approved_by: str | None
    problems: list[ProblemOut] = Field(description="With any, it cannot be approved.")


class StandingOut(View):
    """What becomes of the runs that stand at a step."""

    step: str
    runs: int
    becomes: str = Field(description="stays, goes on, ends")
    to: str | None = Field(description="Where they go on, when their step is gone.")


class UnreachedOut(View):
    """A step that runs under way will never come to: no way leads there from where they stand."""

    step: str
    runs: int
    behind: list[str] = Field(description="Where they stand.")


class PreviewOut(View):
    """What publishing would mean for the runs under way."""

    standing: list[StandingOut]
    unreached: list[UnreachedOut]


class Published(BaseModel):
    """The version that is played from now on."""

    version: int


@router.post("/check")
async def check_play(read: Read, body: CheckBody) -> list[ProblemOut]:
    """Everything that is wrong with a play as it is being written; keeps nothing."""
    async with read() as store:
        rules = await now_played(store.plays, read.rules)
    return await asyncio.to_thread(_problems, rules, body.play, body.files)


@router.get("/{play}/draft")
async def read_draft(read: Read, response: Response, play: Name) -> DraftOut:
    """A draft, and what is wrong with it."""
    async with read() as store:
        row = await store.drafts.one(play)
        rules = await now_played(store.plays, read.rules)
    if row is None:
        raise NotFound("draft", play, f"there is no draft of {play}")
    return await _shown(response, rules, row)


@router.put("/{play}/draft")
async def write_draft(
    change: Change, response: Response, play: Name, body: FilesBody, if_match: IfMatch = None
) -> DraftOut:
    """Write a draft; it may be wrong still. What was approved is to be approved again."""
    unchanged = etags.unchanged(if_match, _etag)
    return await _done(
        change, response, lambda unit: drafts.write(unit, play, body.files, unchanged)
    )


@router.delete("/{play}/draft", status_code=204)
async def drop_draft(change: Change, play: Name, if_match: IfMatch = None) -> None:
    """Throw a draft away."""
    async with change() as unit:
        await drafts.drop(unit, play, etags.unchanged(if_match, _etag))


@router.get("/{play}/draft/preview")
async def preview_draft(read: Read, play: Name, under_way: Keeps = "follow") -> PreviewOut:
    """Where runs stand, what becomes of them under the draft, and what they will never reach."""
    async with read() as store:
        row = await store.drafts.one(play)
        rules = await now_played(store.plays, read.rules)
        standing = await store.plays.standing(play)
    if row is None:
        raise NotFound("draft", play, f"there is no draft of {play}")
    return await asyncio.to_thread(previewed, rules, play, row.files, standing, under_way)


@router.post("/{play}/draft/ask")
async def ask_for_approval(
    change: Change, response: Response, play: Name, if_match: IfMatch = None
) -> DraftOut:
    """Ask a second person to approve it."""
    unchanged = etags.unchanged(if_match, _etag)
    return await _done(
        change, response, lambda unit: drafts.ask(unit, play, compiled(unit.rules), unchanged)
    )


@router.post("/{play}/draft/approve")
async def approve_draft(
    change: Change, response: Response, play: Name, if_match: IfMatch = None
) -> DraftOut:
    """Approve it; nobody approves what they wrote on."""
    unchanged = etags.unchanged(if_match, _etag)
    return await _done(
        change, response, lambda unit: drafts.approve(unit, play, compiled(unit.rules), unchanged)
    )


@router.post("/{play}/draft/return")
async def return_draft(
    change: Change, response: Response, play: Name, if_match: IfMatch = None
) -> DraftOut:
    """Give it back to its authors."""
    unchanged = etags.unchanged(if_match, _etag)
    return await _done(change, response, lambda unit: drafts.send_back(unit, play, unchanged))


@router.post("/{play}/draft/publish")
async def publish_draft(
    change: Change, play: Name, body: PublishBody, if_match: IfMatch = None
) -> Published:
    """Play what the draft says from now on."""
    async with change() as unit:
        version = await drafts.publish_draft(
            unit, play, body.under_way, compiled(unit.rules), etags.unchanged(if_match, _etag)
        )
    return Published(version=version)


def compiled(rules: Rules) -> drafts.Compile:
    """How handlers read the files of a play."""
    return partial(read_play, [stage.name for stage in rules.journey.stages])


def previewed(
    rules: Rules, play: str, files: dict[str, str], standing: dict[str, int], under_way: UnderWay
) -> PreviewOut:
    """What a version of these files would mean. Raises PlaybookWrong."""
    read, problems = compiled(rules)(play, files, rules.playbook)
    if problems:
        raise PlaybookWrong([str(problem) for problem in problems])
    before = rules.playbook.plays.get(play)
    shown: Preview = preview(before, read.plays[play], standing, kept=under_way == "pin")
    return PreviewOut.model_validate(shown)


def _problems(rules: Rules, play: str, files: dict[str, str]) -> list[ProblemOut]:
    _, problems = compiled(rules)(play, files, rules.playbook)
    return [ProblemOut.model_validate(problem) for problem in problems]


def _etag(row: Any) -> str:
    return etags.of_text(f"{row.revision} {row.changed_at.isoformat()}")


async def _done(
    change: Change, response: Response, act: Callable[[Unit], Awaitable[Any]]
) -> DraftOut:
    """Do it and show what the draft is then."""
    async with change() as unit:
        row = await act(unit)
        rules = (await as_played(unit)).rules
    return await _shown(response, rules, row)


async def _shown(response: Response, rules: Rules, row: Any) -> DraftOut:
    response.headers["ETag"] = _etag(row)
    names = set(DraftOut.model_fields) - {"problems"}
    problems = await asyncio.to_thread(_problems, rules, row.play, row.files)
    return DraftOut(**{name: getattr(row, name) for name in names}, problems=problems)
