"""What an admin sees of an installation with nothing in it: connect a device, customers, people."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.today.first_steps import FirstSteps
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from shared.web.client.answered import Away, Refused
from shared.web.problems import Problem
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
ROLES: frozenset[Role] = frozenset({"admin"})
SHOWN = 3  # devices that are waited for
PATIENCE_S = 2.0  # without an answer in time the day begins as everywhere else


async def steps(view: View) -> FirstSteps | None:
    """How far it is; None: it is not for who looks, nothing is left, or it is not known now."""
    if not view.has(*ROLES):
        return None
    try:
        async with asyncio.timeout(PATIENCE_S):
            counted = await _counted(view)
    except (Away, Refused, TimeoutError):
        return None
    return None if counted.done else counted


async def _counted(view: View) -> FirstSteps:
    models, stages = await asyncio.gather(view.ask.ingest.models(), view.ask.stages.all())
    async with view.begin() as store:
        accounts = await store.accounts.listed(None, 2)
    devices, heard = sum(model.sources for model in models), sum(model.heard for model in models)
    waiting: list[str] = []
    if devices and not heard:
        listed = await view.ask.ingest.sources("device", {"limit": str(SHOWN)})
        waiting = [device.id for device in listed.items]
    customers = sum(stage.customers for stage in stages)
    return FirstSteps(devices, heard, customers, len(accounts) > 1, waiting)


@router.post("/today/device")
async def connect(view: Viewing, form: Form) -> Response:
    """Register the first device and show its password, on the page that waits for its first event."""
    if not view.has(*ROLES):
        raise Problem(403, "not_permitted", "This is for an admin")
    id_, model = form.get("id", "").strip(), form.get("model", "").strip()
    try:
        await view.ask.ingest.register("device", {"id": id_, "model": model})
        password = await view.ask.ingest.password("device", id_)
    except Refused as refused:
        return view.page(
            "first_device.html", status=refused.status, form=form, problem=why(view, refused)
        )
    return view.page("device_password.html", made=password, source=id_, kind="device", waits=True)


async def waiting(view: View) -> Mapping[str, Any]:
    """Whether the device of the address has told anything yet."""
    id_: str = view.request.path_params["source"]
    source = await view.ask.ingest.source("device", id_)
    path = f"/devices/{quote(id_, safe='')}/panels/first_event"
    return {"source": source, "id": id_, "path": path}


FIRST_EVENT = Panel("first_event", "first_steps.connect", "_first_event.html", waiting)
