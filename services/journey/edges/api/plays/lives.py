"""/v1/plays/{play}: one play with its versions; paused, resumed, retired, rolled back."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from services.journey.domain.plays.lives import UnderWay
from services.journey.domain.plays.reading import nearest
from services.journey.edges.api.models import Text
from services.journey.edges.api.plays import messages
from services.journey.edges.api.plays.drafts import (
    Keeps,
    Name,
    PreviewOut,
    Published,
    compiled,
    previewed,
)
from services.journey.edges.api.plays.plays import PlayOut, drafted, shown_play
from services.journey.edges.api.units import Change, Read
from services.journey.errors import FilesNotKept, UnknownPlay
from services.journey.handlers.plays import lives
from services.journey.handlers.plays.as_played import now_played
from shared.errors import NotFound
from shared.web import etags
from shared.web.bodies import Body, View
from shared.web.counted import Counting
from shared.web.etags import IfMatch
from shared.web.times import Time

Number = Annotated[int, Path(alias="version", ge=1, le=1_000_000)]

router = APIRouter(prefix="/v1/plays/{play}", tags=["plays"])


class VersionOut(View):
    """A version of a play, without its files."""

    version: int
    published_at: Time
    source: str = Field(description="folder, draft, rollback")
    restores: int | None = Field(description="The earlier version that it is again.")
    authors: list[str]
    approved_by: str | None
    published_by: str | None = Field(description="null: the folder")


class WholePlay(PlayOut):
    """A play with what it says and what it said before."""

    files: dict[str, str] = Field(description="As it is played; empty: it is not.")
    versions: list[VersionOut] = Field(description="The newest first.")


class WholeVersion(VersionOut):
    """A version and what it says."""

    files: dict[str, str]


class WhyBody(Body):
    """Why, in a few words."""

    why: Annotated[Text, Field(min_length=3, max_length=200)] = Field(
        description="It is kept for good: no customer's name in it."
    )


class ResumeBody(Body):
    """What the pause was for the clocks of those under way."""

    clocks: lives.Clocks = Field(
        "shift",
        description="shift: it does not count; run_on: it counts, and what came to be of no use is not sent.",
    )


class RetireBody(WhyBody):
    """Why, and what becomes of the runs under way."""

    under_way: lives.Ends = Field(
        description="end: now, as retired; finish: they go on to their ends."
    )


class RollBackBody(Body):
    """To which version."""

    version: int = Field(ge=1, le=1_000_000)
    under_way: UnderWay = "follow"


class StateOut(BaseModel):
    """How it stands now."""

    state: str


@router.get("")
async def read_play(read: Read, counting: Counting, response: Response, play: Name) -> WholePlay:
    """One play: how far it is played, what it says, its versions."""
    async with read() as store:
        row, draft = await store.plays.one(play), await store.drafts.one(play)
        rules = await now_played(store.plays, read.rules)
        counted = await store.plays.counts()
        versions = await store.plays.versions(play)
    if row is None and draft is None:
        raise UnknownPlay(nearest(play, sorted(rules.playbook.plays)))
    now = rules.playbook.plays.get(play)
    sent = await messages.counted(read, counting)
    whole = drafted(draft) if row is None else shown_play(row, now, counted, draft, sent)
    response.headers["ETag"] = etags.of_version(0 if row is None else row.revision)
    files = dict(rules.playbook.files.get(play, {}))
    shown = [VersionOut.model_validate(version) for version in versions]
    return WholePlay(**whole.model_dump(), files=files, versions=shown)


@router.get("/versions/{version}")
async def read_version(read: Read, play: Name, version: Number) -> WholeVersion:
    """One version and what it says."""
    async with read() as store:
        row = await store.plays.version(play, version)
    return WholeVersion.model_validate(_kept(row, play, version))


@router.get("/versions/{version}/preview")
async def preview_version(
    read: Read, play: Name, version: Number, under_way: Keeps = "follow"
) -> PreviewOut:
    """What going back to a version would mean for the runs under way."""
    async with read() as store:
        row = _kept(await store.plays.version(play, version), play, version)
        rules = await now_played(store.plays, read.rules)
        standing = await store.plays.standing(play)
    return await asyncio.to_thread(previewed, rules, play, row.files, standing, under_way)


@router.post("/pause")
async def pause_play(
    change: Change, play: Name, body: WhyBody, if_match: IfMatch = None
) -> StateOut:
    """Nobody enters; those under way wait where they are, and nothing is sent."""
    async with change() as unit:
        await lives.pause(unit, play, body.why, etags.unchanged(if_match, _etag))
    return StateOut(state="paused")


@router.post("/resume")
async def resume_play(
    change: Change, play: Name, body: ResumeBody | None = None, if_match: IfMatch = None
) -> StateOut:
    """It goes on: where it stood, or with what it missed as missed."""
    async with change() as unit:
        clocks = (body or ResumeBody()).clocks
        await lives.resume(unit, play, clocks, etags.unchanged(if_match, _etag))
    return StateOut(state="live")


@router.post("/retire")
async def retire_play(
    change: Change, play: Name, body: RetireBody, if_match: IfMatch = None
) -> StateOut:
    """Nobody enters any more; those under way end now, or go on to their ends."""
    async with change() as unit:
        await lives.retire(unit, play, body.under_way, body.why, etags.unchanged(if_match, _etag))
    return StateOut(state="retired" if body.under_way == "end" else "closing")


@router.post("/roll-back")
async def roll_back_play(
    change: Change, play: Name, body: RollBackBody, if_match: IfMatch = None
) -> Published:
    """Play an earlier version again, as a new one."""
    async with change() as unit:
        version = await lives.roll_back(
            unit,
            play,
            body.version,
            body.under_way,
            compiled(unit.rules),
            etags.unchanged(if_match, _etag),
        )
    return Published(version=version)


def _kept(row: Any | None, play: str, version: int) -> Any:
    """A version with its files. Raises NotFound, FilesNotKept."""
    if row is None:
        raise NotFound("version", str(version), f"there is no version {version} of {play}")
    if row.files is None:
        raise FilesNotKept(play, version)
    return row


def _etag(row: Any) -> str:
    return etags.of_version(row.revision)
