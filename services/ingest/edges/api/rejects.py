"""`/v1/rejects`: what was refused, for on-call."""

import base64
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.ingest.domain.reasons import EMPTIED, REASONS
from services.ingest.edges.api.ports import Reader
from services.ingest.edges.api.views import RejectBytes, RejectView
from shared.audited import entry
from shared.web.auth import Caller
from shared.web.pages import After, Limit, Page, by_time, page

Filter = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]


def router(reader: Reader) -> APIRouter:
    """GET /v1/rejects, /summary, /{id}."""
    made = APIRouter(prefix="/v1/rejects", tags=["rejects"])

    @made.get("")
    async def list_rejects(
        source: Filter = None,
        reason: Filter = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Page[RejectView]:
        """A page, newest first."""
        found = await reader.rejects(
            source=source, reason=reason, limit=limit, before=by_time(after)
        )
        return page(found, limit, RejectView.of, lambda row: (row["stored_at"], row["id"]))

    @made.get("/summary")
    async def summary() -> dict[str, int]:
        """How many events or messages were refused and not taken since, by reason."""
        return dict(await reader.reject_summary())

    @made.get("/{id}")
    async def read_reject(
        id_: Annotated[str, Path(alias="id", max_length=64, pattern=r"^[^\x00]*$")],
        who: Caller,
    ) -> RejectBytes:
        """One reject with its bytes: they may hold personal data, so reading is audited."""
        row = await reader.reject(id_)
        await reader.audit(entry(who, "reject.read", "reject", id_))
        return RejectBytes(
            **RejectView.of(row).model_dump(),
            payload_base64=base64.b64encode(row["payload"]).decode(),
            payload_text=row["payload"].decode(errors="replace"),
            sentence=_sentence(row),
        )

    return made


def _sentence(row: Mapping[str, Any]) -> str:
    means = REASONS.get(row["reason"], "")
    return means if row["emptied_at"] is None else f"{means} {EMPTIED}".strip()
