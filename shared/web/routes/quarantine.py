"""Records this service set aside: grouped, listed, shown on demand, replayed, discarded."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from shared.handlers import quarantine as handle
from shared.stream import quarantine
from shared.stream.quarantine import Content
from shared.web.guards.auth import Caller
from shared.web.problems import Problem
from shared.web.routes.application import Running
from shared.web.times import Time
from shared.web.who import Who

AT_ONCE = 500  # one transaction a record: a few seconds

Id = Annotated[
    str,
    Path(
        alias="id",
        max_length=600,
        pattern=r"^[^\x00]*$",
        description="As listed, percent-encoded.",
    ),
]

Topic = Annotated[str | None, Query(max_length=249, pattern=r"^[^\x00]*$")]
Reason = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]


class GroupBody(BaseModel):
    """Records set aside for one reason."""

    topic: str
    reason: str
    count: int
    oldest_at: Time
    last_hour: int = Field(description="Set aside within the hour: it grows.")


class ContentBody(BaseModel):
    """What a record carried: opaque ids and telemetry, as ingest or a service of ours wrote it."""

    key: str | None
    headers: list[tuple[str, str]]
    value: str | None


class RowBody(BaseModel):
    """One record set aside."""

    id: str
    topic: str
    partition: int
    offset: int
    reason: str
    detail: str = Field(description="Why in words; shown with `reveal` only.")
    attempts: int
    size: int | None = Field(description="Bytes of the value.")
    appended_at: Time
    quarantined_at: Time
    content: ContentBody | None = None


class QuarantineBody(BaseModel):
    """All groups, and the newest records."""

    groups: list[GroupBody]
    newest: list[RowBody]


class ReplayBody(BaseModel):
    """What a replay did, or would do."""

    dry_run: bool
    matching: int
    outcomes: dict[str, int] = Field(description="Records by what became of them.")


class DiscardManyBody(BaseModel):
    """What a discard did, or would do."""

    dry_run: bool
    matching: int
    discarded: int


class DiscardBody(BaseModel):
    """A record removed for good."""

    discarded: str


router = APIRouter(prefix="/v1/quarantine", tags=["quarantine"])


@router.get("")
async def show(
    application: Running,
    who: Caller,
    topic: Topic = None,
    reason: Reason = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    reveal: Annotated[bool, Query(description="Show contents too.")] = False,
) -> QuarantineBody:
    """Counts by topic and reason, and the newest records; contents only with `reveal`, audited."""
    async with application.begin(writing=False) as tx:
        shown = await handle.read(tx, who, limit, topic, reason, reveal=reveal)
    return QuarantineBody(
        groups=[GroupBody(**group) for group in shown.groups],
        newest=[_row(row, shown.contents.get(row["id"])) for row in shown.rows],
    )


@router.post("/replay")
async def replay_many(
    application: Running,
    who: Caller,
    topic: Topic = None,
    reason: Reason = None,
    dry_run: Annotated[bool, Query(description="Only count.")] = True,
) -> ReplayBody:
    """Put matching records back, oldest first, up to 500 a call; only with `dry_run=false`."""
    async with application.engine.connect() as connection:
        ids = await quarantine.matching(connection, topic, reason)
    outcomes = Counter[str]() if dry_run else await _replay(application, who, ids[:AT_ONCE])
    return ReplayBody(dry_run=dry_run, matching=len(ids), outcomes=dict(outcomes))


@router.post("/discard")
async def discard_many(
    application: Running,
    who: Caller,
    topic: Topic = None,
    reason: Reason = None,
    dry_run: Annotated[bool, Query(description="Only count.")] = True,
) -> DiscardManyBody:
    """Remove matching records for good, oldest first, up to 500 a call; only with `dry_run=false`."""
    async with application.begin() as tx:
        ids = await quarantine.matching(tx.connection, topic, reason)
        wanted = [] if dry_run else ids[:AT_ONCE]
        gone = sum([await handle.discard(tx, who, id_) for id_ in wanted])
    return DiscardManyBody(dry_run=dry_run, matching=len(ids), discarded=gone)


@router.post("/{id:path}/replay")
async def replay_one(application: Running, who: Caller, id_: Id) -> ReplayBody:
    """Put one record back through the door it came by."""
    outcomes = await _replay(application, who, [id_])
    if outcomes["gone"]:
        raise _gone(id_)
    return ReplayBody(dry_run=False, matching=1, outcomes=dict(outcomes))


@router.post("/{id:path}/discard")
async def discard(application: Running, who: Caller, id_: Id) -> DiscardBody:
    """Remove one record for good: it will never have an effect."""
    async with application.begin() as tx:
        if not await handle.discard(tx, who, id_):
            raise _gone(id_)
    return DiscardBody(discarded=id_)


async def _replay(application: Running, who: Who, ids: list[str]) -> Counter[str]:
    return await handle.put_back(
        application.engine,
        application.service,
        application.handlers,
        ids,
        application.clock.now(),
        who,
    )


def _row(row: Mapping[str, Any], content: Content | None) -> RowBody:
    if content is None:  # the detail may quote the value it is about
        return RowBody(**{**row, "detail": ""})
    return RowBody(**row, content=ContentBody(**content._asdict()))


def _gone(id_: str) -> Problem:
    return Problem(404, "not_in_quarantine", "No such record is set aside here", id=id_)
