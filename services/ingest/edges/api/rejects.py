"""`/v1/rejects`: what was refused, for on-call."""

import base64
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.ingest.domain.rejects.reasons import EMPTIED, REASONS
from services.ingest.edges.api.units import Read
from services.ingest.edges.api.views import RefusedSource, RejectBytes, RejectView
from services.ingest.handlers.rejects import read_rejects
from shared.web.pages import After, Limit, Page, by_time, page

Filter = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]
Id = Annotated[str, Path(alias="id", max_length=64, pattern=r"^[^\x00]*$")]

router = APIRouter(prefix="/v1/rejects", tags=["rejects"])


@router.get("")
async def list_rejects(
    read: Read,
    source: Filter = None,
    reason: Filter = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[RejectView]:
    """A page, newest first."""
    before = by_time(after)
    async with read() as store:
        rows = await store.reader.rejects(source=source, reason=reason, limit=limit, before=before)
    return page(rows, limit, RejectView.of, lambda row: (row["stored_at"], row["id"]))


@router.get("/summary")
async def summary(read: Read) -> dict[str, int]:
    """How many events or messages were refused and not taken since, by reason."""
    async with read() as store:
        return dict(await store.reader.reject_summary())


@router.get("/sources")
async def by_source(
    read: Read, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> list[RefusedSource]:
    """Whose events were refused and not taken since, the most first."""
    async with read() as store:
        return [RefusedSource(**row) for row in await store.reader.rejects_by_source(limit)]


@router.get("/{id}")
async def read_reject(read: Read, id_: Id) -> RejectBytes:
    """One reject with its bytes: they may hold personal data, so reading is audited."""
    async with read.audited() as unit:
        row = await read_rejects.read_reject(unit, id_)
    return RejectBytes(
        **RejectView.of(row).model_dump(),
        payload_base64=base64.b64encode(row["payload"]).decode(),
        payload_text=row["payload"].decode(errors="replace"),
        sentence=_sentence(row),
    )


def _sentence(row: Mapping[str, Any]) -> str:
    means = REASONS.get(row["reason"], "")
    return means if row["emptied_at"] is None else f"{means} {EMPTIED}".strip()
