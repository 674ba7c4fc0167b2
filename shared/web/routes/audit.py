"""/v1/audit: who changed what, when, from where and why; to look for, to take away, to verify."""

import csv
import io
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db import audit, audit_rows
from shared.db.audit import By, Head
from shared.db.audit_rows import Filter
from shared.events.codec import rfc3339
from shared.handlers import audit as handle
from shared.web.guards.auth import Caller
from shared.web.pages import After, Limit, Page, cursor, page
from shared.web.problems import Problem
from shared.web.routes.application import Running
from shared.web.times import Time

VERIFIED = 100_000  # rows a request walks: 3 s
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute these
COLUMNS = (
    "n", "at", "who", "by", "roles", "organisation", "address", "request", "action", "kind", "id",
    "before", "after", "why", "hash",
)  # fmt: skip

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class AuditRow(BaseModel):
    """One change."""

    n: int = Field(description="Without gaps, from 1.")
    at: Time
    who: str = Field(description="Account, key or service; `stranger` before a sign-in.")
    by: By
    roles: list[str] = Field(description="Which they had.")
    organisation: str | None
    address: str | None = Field(description="Where the request came from.")
    request: str | None = Field(description="The answer's X-Request-Id.")
    action: str
    kind: str
    id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    why: str | None
    hash: str = Field(description="SHA-256 over this row and the hash of the one before.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "AuditRow":
        """Show a row."""
        return cls(**{**row, "hash": bytes(row["hash"]).hex()})


class Fault(BaseModel):
    """The first row that is not right."""

    n: int
    why: Literal["missing", "changed", "not_linked", "not_as_noted"]


class VerdictBody(BaseModel):
    """What a walk along the chain found."""

    rows: int = Field(description="Walked by this request.")
    n: int = Field(description="The last row that is right; write it down with `hash`.")
    hash: str
    broken: Fault | None
    next: str | None = Field(description="Give it as `after` to walk on; null: this was the end.")


Text = Annotated[str | None, Query(max_length=600, pattern=r"^[^\x00]*$")]


async def _filter(
    who: Text = None,
    action: Text = None,
    kind: Text = None,
    id_: Annotated[Text, Query(alias="id")] = None,
    since: Annotated[Time | None, Query(alias="from", description="From then on.")] = None,
    until: Annotated[Time | None, Query(alias="to", description="Before then.")] = None,
) -> Filter:
    return Filter(who, action, kind, id_, since, until)


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("")
async def list_audit(
    application: Running, wanted: Wanted, limit: Limit = 50, after: After = None
) -> Page[AuditRow]:
    """Changes by people and programs at this service, the newest first."""
    before = None if after is None else _number(after)
    async with application.engine.connect() as connection:
        rows = await audit_rows.newest(connection, wanted, before, limit + 1)
    return page(rows, limit, AuditRow.of, lambda row: (row["n"],))


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}, "application/x-ndjson": {}}}},
)
async def export_audit(
    application: Running,
    who: Caller,
    wanted: Wanted,
    format_: Annotated[Literal["csv", "jsonl"], Query(alias="format")] = "csv",
) -> StreamingResponse:
    """The same rows, the oldest first, as a file; who takes it away is audited."""
    asked = {name: value for name in Filter.__slots__ if (value := getattr(wanted, name))}
    async with application.begin(writing=False) as tx:
        until = await handle.take_away(tx, who, asked)
    lines = _csv if format_ == "csv" else _json_lines
    name = f"audit-{application.service}.{format_}"
    return StreamingResponse(
        lines(_rows(application.engine, wanted, until)),
        media_type="text/csv; charset=utf-8" if format_ == "csv" else "application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/verify")
async def verify_audit(
    application: Running,
    after: After = None,
    noted_n: Annotated[int, Query(ge=0, le=2**62, description="A head noted before.")] = 0,
    noted_hash: Annotated[str, Query(pattern="^([0-9a-f]{64})?$")] = "",
) -> VerdictBody:
    """Compute every hash again, 100,000 rows a request; names the first row that is not right."""
    if bool(noted_n) != bool(noted_hash):
        raise Problem(422, "half_a_head", "noted_n and noted_hash come together")
    noted = Head(noted_n, bytes.fromhex(noted_hash)) if noted_n else None
    begin = audit.START if after is None else _head(after)
    async with application.engine.connect() as connection:
        verdict = await audit.verify(connection, noted=noted, begin=begin, most=VERIFIED)
    broken = verdict.broken
    return VerdictBody(
        rows=verdict.rows,
        n=verdict.head.n,
        hash=verdict.head.hash.hex(),
        broken=None if broken is None else Fault(n=broken.n, why=broken.why),
        next=None if verdict.complete else cursor(verdict.head.n, verdict.head.hash.hex()),
    )


async def _rows(
    engine: AsyncEngine, wanted: Filter, until: Head
) -> AsyncIterator[Mapping[str, Any]]:
    async with engine.connect() as connection:
        async for row in audit_rows.oldest(connection, wanted, until):
            yield {**row, "at": _moment(row["at"]), "hash": bytes(row["hash"]).hex()}


async def _json_lines(rows: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    async for row in rows:
        yield msgspec.json.encode({name: row[name] for name in COLUMNS}) + b"\n"


async def _csv(rows: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[str]:
    yield _line(COLUMNS)
    async for row in rows:
        yield _line([_cell(row[name]) for name in COLUMNS])


def _line(cells: "list[str] | tuple[str, ...]") -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _cell(value: object) -> str:
    """A value as a spreadsheet may see it: what it would compute begins with an apostrophe.

    >>> _cell("=1+1"), _cell(["a", "b"]), _cell(None), _cell({"x": 1})
    ("'=1+1", 'a b', '', '{"x":1}')
    """
    match value:
        case None:
            return ""
        case list():
            text = " ".join(str(item) for item in value)
        case dict():
            text = msgspec.json.encode(value).decode()
        case _:
            text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _moment(at: datetime) -> str:
    return rfc3339(at)


def _number(values: tuple[Any, ...]) -> int:
    if len(values) == 1 and isinstance(values[0], int) and 0 <= values[0] < 2**62:
        return values[0]
    raise Problem(400, "bad_cursor", "`after` is not the `next` of a page", field="query.after")


def _head(values: tuple[Any, ...]) -> Head:
    if len(values) == 2 and isinstance(values[1], str):
        try:
            return Head(_number(values[:1]), bytes.fromhex(values[1]))
        except ValueError:
            pass
    raise Problem(400, "bad_cursor", "`after` is not the `next` of a walk", field="query.after")
