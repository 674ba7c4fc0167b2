"""`/today`: what somebody needs first."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import panels
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.view import View, Viewing

router = APIRouter(include_in_schema=False)


async def _stages(view: View) -> Mapping[str, Any]:
    return {"stages": await view.ask.journey.stages()}


PANELS = (Panel("stages", "today.stages", "_stages.html", _stages),)


@router.get("/today")
async def read_today(view: Viewing) -> Response:
    """The first page of the day."""
    return view.page("today.html", panels=await panels.shown(view, PANELS))


panels.serve(router, "/today", PANELS)
