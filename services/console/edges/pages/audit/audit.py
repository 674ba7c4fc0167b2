"""`/audit`: who changed what, at every service; to look for, to take away, to verify."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.safe_cells import Value
from services.console.edges.pages import files, panels
from services.console.edges.pages.audit.audit_names import called, people_of, place
from services.console.edges.pages.files import File
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import Found
from services.console.edges.services.auditing import Auditing, Row
from services.console.edges.services.own_audit import OwnAudit

router = APIRouter(include_in_schema=False)
FILTERS = ("who", "action", "kind", "id", "from", "to")
SERVICES = ("console", "ingest", "journey", "support", "analytics")


def _service(view: View) -> str:
    asked = view.request.query_params.get("service", "")
    return asked if asked in SERVICES else SERVICES[0]


def _wanted(view: View) -> dict[str, str]:
    """The filters that are set; a day stands for its beginning."""
    asked = view.request.query_params
    filters = {name: value for name in FILTERS if (value := asked.get(name, "").strip())}
    for name in ("from", "to"):
        if len(filters.get(name, "")) == len("2026-01-01"):
            filters[name] += "T00:00:00Z"
    return filters


async def _rows(view: View) -> Mapping[str, Any]:
    service, wanted = _service(view), _wanted(view)
    after = view.request.query_params.get("after")
    listed = await _of(view, service).rows({**wanted, "after": after or None})
    words = await called(view, listed.items)
    kept = {"service": service, **wanted}
    more = f"/audit?{urlencode({**kept, 'after': listed.next})}" if listed.next else ""
    rows = [
        (
            row,
            words.get(row.who, row.who),
            words.get(f"{row.kind}:{row.id}", ""),
            place(row),
            _changes(row, people_of(row, words)),
        )
        for row in listed.items
    ]
    return {"rows": rows, "more": more}


def _changes(row: Row, people: Mapping[str, str]) -> list[tuple[str, object, object]]:
    """What differs: names with the value before and after; moments as moments, people by name."""
    before, after = row.before or {}, row.after or {}
    known = [*before, *(name for name in after if name not in before)]
    changes = [
        (name, _said(before.get(name), people), _said(after.get(name), people)) for name in known
    ]
    return [change for change in changes if change[1:] != (None, None)]


def _said(value: object, people: Mapping[str, str]) -> object:
    if isinstance(value, list):
        return [_said(part, people) for part in value]
    return people.get(value, _moment(value)) if isinstance(value, str) else value


def _moment(value: object) -> object:
    if not isinstance(value, str) or "T" not in value:
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return moment if moment.tzinfo is not None else value


COLUMNS = ("n", "at", "who", "roles", "address", "action", "kind", "id", "before", "after", "why")


async def _page(view: View, after: str | None) -> Found[Row]:
    return await _of(view, _service(view)).rows({**_wanted(view), "after": after})


def _line(row: Row) -> Sequence[Value]:
    before, after = (
        None if values is None else json.dumps(values, ensure_ascii=False)
        for values in (row.before, row.after)
    )
    roles = " ".join(row.roles)
    return (
        row.n, row.at, row.who, roles, row.address, row.action, row.kind, row.id, before, after, row.why
    )  # fmt: skip


FILES = (File("audit", COLUMNS, _page, _line),)


PANELS = (Panel("rows", "audit.rows", "_audit.html", _rows),)


@router.get("/audit")
async def read_audit(view: Viewing) -> Response:
    """Changes by people and programs, the newest first."""
    return await _shown(view)


@router.post("/audit/verify")
async def verify_audit(view: Viewing) -> Response:
    """Compute every hash of the chain again."""
    service = _service(view)
    return await _shown(view, verdict=await _of(view, service).verify())


def _of(view: View, service: str) -> Auditing | OwnAudit:
    if service == SERVICES[0]:
        return OwnAudit(view.request.app.state.engine)
    return view.ask.auditing[service]


async def _shown(view: View, **more: Any) -> Response:
    asked = view.request.query_params
    return view.page(
        "audit.html",
        panels=await panels.shown(view, PANELS),
        service=_service(view),
        services=[(name, name) for name in SERVICES],
        asked={name: asked.get(name, "") for name in FILTERS},
        **{"verdict": None, **more},
    )


panels.serve(router, "/audit", PANELS)
files.serve(router, "/audit", FILES)
