"""`/devices` and `/apps`: which there are, one with all that is known, and what can be done with it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import files, panels
from services.console.edges.pages.accounts import wishes
from services.console.edges.pages.devices.fleet import fleet
from services.console.edges.pages.devices.missed import missed
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.on_call import on_call
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import customers_called
from services.console.edges.pages.refused import why
from services.console.edges.pages.today.first_steps import FIRST_EVENT
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.ingest import Act, Device, Kind
from shared.web.client.answered import Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
KEEPERS: frozenset[Role] = frozenset({"admin"})
ENDERS: frozenset[Role] = KEEPERS | {"oncall"}
FILTERS = ("beginning", "model", "firmware", "status", "silent_hours", "customer")
STATUS = ("registered", "claimed", "retired")
SILENT = ("1", "24", "168", "720")  # hours
FEW = 20
Done = Literal["claim", "move", "retire", "revoke"]
ACTS: Mapping[str, Act] = {
    "claim": "claim", "move": "move", "retire": "retire", "revoke": "credentials/revoke"
}  # fmt: skip


def _kind(view: View) -> Kind:
    return "app" if view.request.url.path.startswith("/apps") else "device"


def _id(view: View) -> str:
    source: str = view.request.path_params["source"]
    return source


TABLE = {  # columns beside the id, with the keys of their words
    "model": "tickets.model",
    "firmware": "tickets.firmware",
    "status": "customers.state",
    "heard": "customers.heard",
    "customer": "customers.customer",
}


async def _listed(view: View) -> Mapping[str, Any]:
    wanted, after, kind = view.asked(*FILTERS), view.request.query_params.get("after"), _kind(view)
    listed = await view.ask.ingest.sources(kind, paged(wanted, after))
    called = await customers_called(
        view, (device.customer for device in listed.items if device.customer)
    )
    more = f"/{kind}s?{listed.onward(wanted)}" if listed.next else ""
    heads = wishes.heads(view, f"/{kind}s", TABLE)
    return {
        "sources": listed.items,
        "called": called,
        "more": more,
        "filtered": bool(wanted),
        "heads": heads,
    }


COLUMNS = ("id", "model", "firmware", "status", "last_seen", "customer")


async def _page(view: View, after: str | None) -> Found[Device]:
    wanted = {**view.asked(*FILTERS), "limit": str(MANY)}
    return await view.ask.ingest.sources(_kind(view), paged(wanted, after))


async def _models(view: View) -> Mapping[str, Any]:
    models = await view.ask.ingest.models(_kind(view))
    return {"models": models[:FEW], "too_many": len(models) > FEW}


LIST = (
    Panel("list", "devices.list", "_devices.html", _listed),
    Panel("models", "devices.models", "_device_models.html", _models),
)


async def _facts(view: View) -> Mapping[str, Any]:
    source = await view.ask.ingest.source(_kind(view), _id(view))
    owners = [] if source is None else [owner.customer for owner in source.owners]
    spells = await missed(view, device=_id(view)) if _kind(view) == "device" else {}
    called = await customers_called(view, owners)
    return {"source": source, "called": called, "missed": spells}


async def _tickets(view: View) -> Mapping[str, Any]:
    listed = await view.ask.support.tickets({"device": _id(view), "limit": str(FEW)})
    return {"tickets": listed.items, "too_many": listed.next is not None}


async def _rejects(view: View) -> Mapping[str, Any]:
    listed = await view.ask.ingest.rejects({"source": _id(view), "limit": str(FEW)})
    return {"rejects": listed.items}


async def _gaps(view: View) -> Mapping[str, Any]:
    return await on_call.load_gaps(view, _id(view))


async def _credentials(view: View) -> Mapping[str, Any]:
    return {"credentials": await view.ask.ingest.credentials(_kind(view), _id(view))}


PANELS = (
    Panel("facts", "devices.facts", "_device.html", _facts),
    Panel("faults", "devices.faults", "_customer_tickets.html", _tickets),
    Panel("rejects", "devices.rejects", "_device_rejects.html", _rejects, ENDERS),
    Panel("gaps", "on_call.gaps", "_on_call_gaps.html", _gaps, on_call.ROLES),
    Panel("credentials", "devices.credentials", "_device_credentials.html", _credentials, ENDERS),
)
BESIDE = (FIRST_EVENT,)  # asked for where a device is connected


async def read_list(view: Viewing) -> Response:
    """Devices or apps by id, as the filters of the address ask."""
    return await _list(view)


async def register(view: Viewing, form: Form) -> Response:
    """Put one into the registry; on to it."""
    kind, id_ = _kind(view), form.get("id", "").strip()
    body = {name: form[name] for name in ("model", "firmware") if form.get(name)}
    if kind == "app":
        body.pop("firmware", None)
    try:
        await view.ask.ingest.register(kind, {"id": id_, **body})
    except Refused as refused:
        return await _list(view, refused.status, form=form, problem=why(view, refused))
    return view.go(f"/{kind}s/{quote(id_, safe='')}?said=register")


async def read_one(view: Viewing, source: str, said: str = "") -> Response:
    """One of them."""
    return await _one(view, source, said=said if said in {*ACTS, "register"} else "")


async def do(view: Viewing, source: str, act: Done, form: Form) -> Response:
    """Change something; whatever was typed is there again when it was not done."""
    kind = _kind(view)
    body: dict[str, object] = {}
    if act in {"claim", "move"}:
        body["customer"] = form.get("customer", "").strip()
    if act == "move" and kind == "device":
        body["keep_credentials"] = form.get("keep") == "yes"
    try:
        await view.ask.ingest.act(kind, source, ACTS[act], body)
    except Refused as refused:
        return await _one(view, source, refused.status, form=form, problem=why(view, refused))
    return view.go(f"/{kind}s/{quote(source, safe='')}?said={act}")


async def new_password(view: Viewing, source: str) -> Response:
    """A new password, on the only page that ever shows it."""
    try:
        password = await view.ask.ingest.password(_kind(view), source)
    except Refused as refused:
        return await _one(view, source, refused.status, problem=why(view, refused))
    kind = _kind(view)
    return view.page(
        "device_password.html", made=password, source=source, kind=kind, waits=kind == "device"
    )


async def _list(view: View, status: int = 200, **more: Any) -> Response:
    asked = view.request.query_params
    shown, there = await asyncio.gather(panels.shown(view, LIST), fleet(view, _kind(view)))
    return view.page(
        "devices.html",
        status=status,
        panels=shown,
        fleet=there,
        chosen={name: asked.get(name, "") for name in FILTERS},
        kind=_kind(view),
        query=urlencode(view.asked(*FILTERS)),
        there=wishes.there(view, TABLE),
        columns=list(wishes.heads(view, f"/{_kind(view)}s", TABLE)),
        keeps=view.has(*KEEPERS),
        status_words=STATUS,
        silent=SILENT,
        **{"form": {}, "problem": "", **more},
    )


async def _one(view: View, source: str, status: int = 200, **more: Any) -> Response:
    return view.page(
        "device.html",
        status=status,
        panels=await panels.shown(view, PANELS, f"/{_kind(view)}s/{quote(source, safe='')}"),
        source=source,
        kind=_kind(view),
        keeps=view.has(*KEEPERS),
        ends=view.has(*ENDERS),
        **{"form": {}, "problem": "", "said": "", **more},
    )


for _path in ("/devices", "/apps"):
    router.get(_path)(read_list)
    router.post(_path)(register)
    panels.serve(router, _path, LIST)
    files.serve(router, _path, (File(_path.removeprefix("/"), COLUMNS, _page),))
    router.get(f"{_path}/{{source}}")(read_one)
    router.post(f"{_path}/{{source}}/password")(new_password)
    router.post(f"{_path}/{{source}}/{{act}}")(do)
    panels.serve(router, f"{_path}/{{source}}", (*PANELS, *BESIDE))
