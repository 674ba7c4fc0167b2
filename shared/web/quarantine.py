"""Records this service set aside: grouped, listed, shown on demand, replayed, discarded."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.audited import entry
from shared.db import audit
from shared.db.audit import Entry
from shared.stream import quarantine
from shared.stream.replay import replay as put_back
from shared.web.application import Running
from shared.web.auth import Caller
from shared.web.problems import Problem
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

_BYTES = text("SELECT id, key, value, headers FROM quarantine WHERE id = ANY(:ids)")


class GroupBody(BaseModel):
    """Records set aside for one reason."""

    topic: str
    reason: str
    count: int
    oldest_at: Time
    last_hour: int = Field(description="Set aside within the hour: it grows.")


class Content(BaseModel):
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
    content: Content | None = None


class QuarantineBody(BaseModel):
    """All groups, and the newest records."""

    groups: list[GroupBody]
    newest: list[RowBody]


class ReplayBody(BaseModel):
    """What a replay did, or would do."""

    dry_run: bool
    matching: int
    outcomes: dict[str, int] = Field(description="Records by what became of them.")


class DiscardBody(BaseModel):
    """A record removed for good."""

    discarded: str


router = APIRouter(prefix="/v1/quarantine", tags=["quarantine"])


@router.get("")
async def show(
    application: Running,
    who: Caller,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    reveal: Annotated[bool, Query(description="Show contents too.")] = False,
) -> QuarantineBody:
    """Counts by topic and reason, and the newest records; contents only with `reveal`, audited."""
    async with application.engine.begin() as connection:
        groups = await quarantine.groups(connection)
        rows = await quarantine.rows(connection, limit)
        contents = await _contents(connection, rows) if reveal else {}
        read = [entry(who, "quarantine.read", "record", id_) for id_ in contents]
        await audit.record(connection, read)
    return QuarantineBody(
        groups=[GroupBody(**group) for group in groups],
        newest=[_row(row, contents.get(row["id"])) for row in rows],
    )


@router.post("/replay")
async def replay_many(
    application: Running,
    who: Caller,
    topic: Annotated[str | None, Query(max_length=249)] = None,
    reason: Annotated[str | None, Query(max_length=200)] = None,
    dry_run: Annotated[bool, Query(description="Only count.")] = True,
) -> ReplayBody:
    """Put matching records back, oldest first, up to 500 a call; only with `dry_run=false`."""
    async with application.engine.connect() as connection:
        ids = await quarantine.matching(connection, topic, reason)
    outcomes = Counter[str]() if dry_run else await _replay(application, who, ids[:AT_ONCE])
    return ReplayBody(dry_run=dry_run, matching=len(ids), outcomes=dict(outcomes))


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
    async with application.engine.begin() as connection:
        if not await quarantine.discard(connection, id_):
            raise _gone(id_)
        await audit.record(connection, [entry(who, "quarantine.discard", "record", id_)])
    return DiscardBody(discarded=id_)


async def _replay(application: Running, who: Who, ids: list[str]) -> Counter[str]:
    def audited(id_: str, outcome: str) -> Entry:
        return entry(who, "quarantine.replay", "record", id_, after={"outcome": outcome})

    outcomes = await put_back(
        application.engine,
        application.service,
        application.handlers,
        ids,
        application.clock.now(),
        audited,
    )
    return Counter(outcomes.values())


async def _contents(connection: AsyncConnection, rows: list[dict[str, Any]]) -> dict[str, Content]:
    found = await connection.execute(_BYTES, {"ids": [row["id"] for row in rows]})
    return {
        row["id"]: Content(key=_text(row["key"]), headers=row["headers"], value=_text(row["value"]))
        for row in found.mappings()
    }


def _text(value: bytes | None) -> str | None:
    return None if value is None else bytes(value).decode("utf-8", "replace")


def _row(row: Mapping[str, Any], content: Content | None) -> RowBody:
    # the detail may quote the value it is about
    detail = row["detail"] if content is not None else ""
    return RowBody(**{**row, "detail": detail}, content=content)


def _gone(id_: str) -> Problem:
    return Problem(404, "not_in_quarantine", "No such record is set aside here", id=id_)
