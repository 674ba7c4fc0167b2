"""`/plays/{play}/audience`: whom the start of a play, or of its draft, holds of now."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import customers_called
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.journey.audiences import Audience, Member
from shared.web.client.answered import Away
from shared.web.problems import Problem
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
ROLES: frozenset[Role] = frozenset({"csm", "lead", "marketing", "admin"})
PATH = "/plays/{play}/audience"
COLUMNS = ("customer", "stage", "fate", "unreached")
SHOWN = "50"  # of who they are, at a time
TYPED_S = 3.0  # whoever types goes on meanwhile


async def _counted(view: View) -> Mapping[str, Any]:
    play, wanted = view.request.path_params["play"], _wanted(view)
    path = f"/plays/{quote(play, safe='')}"
    query = f"?{urlencode(wanted)}" if wanted else ""
    audience = await view.ask.audiences.of(play, wanted)
    return {"audience": audience, "path": path, "query": query, "here": True}


async def _of_play(view: View) -> Mapping[str, Any]:
    return {**await _counted(view), "here": False}


async def typed(view: View, play: str, texts: Mapping[str, str]) -> Audience | None:
    """Of what is being written; None: it cannot be said in time."""
    return await panels.in_time(view.ask.audiences.typed(play, texts), None, TYPED_S)


async def _page(view: View, after: str | None) -> Found[Member]:
    play, wanted = view.request.path_params["play"], {**_wanted(view), "limit": str(MANY)}
    return await view.ask.audiences.members(play, paged(wanted, after))


async def _members(view: View) -> Mapping[str, Any]:
    play, wanted = view.request.path_params["play"], _wanted(view)
    asked = paged({**wanted, "limit": SHOWN}, view.request.query_params.get("after"))
    listed = await view.ask.audiences.members(play, asked)
    onward = listed.onward(wanted)
    return {
        "members": listed.items,
        "onward": f"{_path(play)}?{onward}" if onward else "",
        "called": await customers_called(view, [member.customer for member in listed.items]),
    }


def _wanted(view: View) -> Mapping[str, str]:
    return {"draft": "true"} if view.request.query_params.get("draft") else {}


FILES = (File("audience", COLUMNS, _page),)
PANEL = Panel("audience", "audience.title", "_play_audience.html", _of_play, ROLES)
PANELS = (
    replace(PANEL, load=_counted),
    Panel("members", "audience.who", "_play_members.html", _members),
)


@router.get(PATH)
async def read_audience(view: Viewing, play: str) -> Response:
    """How many, and who they are."""
    try:
        if await view.ask.lives.whole(play) is None:
            raise Problem(404, "play_not_found", "There is no such play")
    except Away:
        pass
    return view.page(
        "play_audience.html", play=play, path=_path(play), draft=bool(_wanted(view)),
        panels=await panels.shown(view, PANELS),
    )  # fmt: skip


def _path(play: str) -> str:
    return f"/plays/{quote(play, safe='')}/audience"


panels.serve(router, PATH, PANELS)
files.serve(router, PATH, FILES)
