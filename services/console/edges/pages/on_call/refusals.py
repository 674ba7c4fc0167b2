"""`/on-call/rejects`: what ingest has refused, by reason and source, with its bytes."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import MANY, Found
from services.console.edges.services.ingest import Reject
from shared.masking import mask
from shared.web.problems import Problem

router = APIRouter(include_in_schema=False)
SHOWN = 4_000  # characters of a payload


async def _listed(view: View) -> Mapping[str, Any]:
    asked = view.request.query_params
    wanted = {name: asked.get(name) or None for name in ("reason", "source", "after")}
    listed = await view.ask.ingest.rejects(wanted)
    kept = {name: value for name, value in {**wanted, "after": listed.next}.items() if value}
    more = f"/on-call/rejects?{urlencode(kept)}" if listed.next else ""
    return {"rejects": listed.items, "more": more}


COLUMNS = ("id", "received_at", "source", "stream", "reason", "detail", "elements", "size", "times", "cured_at")  # fmt: skip


async def _page(view: View, after: str | None) -> Found[Reject]:
    asked = view.request.query_params
    wanted = {name: asked.get(name) or None for name in ("reason", "source")}
    return await view.ask.ingest.rejects({**wanted, "after": after, "limit": str(MANY)})


FILES = (File("rejects", COLUMNS, _page),)
PANELS = (Panel("list", "on_call.rejects", "_refusals.html", _listed),)


@router.get("/on-call/rejects")
async def read_rejects(view: Viewing, reason: str = "", source: str = "") -> Response:
    """What was refused, the newest first."""
    shown = await panels.shown(view, PANELS)
    return view.page("refusals.html", panels=shown, reason=reason, source=source)


panels.serve(router, "/on-call/rejects", PANELS)
files.serve(router, "/on-call/rejects", FILES)


@router.get("/on-call/rejects/{reject}")
async def read_reject(view: Viewing, reject: str) -> Response:
    """One of them with its bytes, mail addresses and telephone numbers hidden; reading is audited."""
    reject_bytes = await view.ask.ingest.reject(reject)
    if reject_bytes is None:
        raise Problem(404, "not_found", "It is not kept any more")
    return view.page("refusal.html", reject=reject_bytes, **readable(reject_bytes.payload_text))


def readable(text: str) -> Mapping[str, Any]:
    """Bytes as people read them: JSON in lines, cut, masked."""
    with suppress(msgspec.DecodeError, RecursionError):  # most of what is refused is no JSON
        text = msgspec.json.format(text.encode(), indent=2).decode()
    masked = mask(text)  # an address may stand where it is cut
    return {"text": masked[:SHOWN], "cut": len(masked) > SHOWN}
