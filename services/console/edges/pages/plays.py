"""`/plays`: what is played and how far; one play as a picture of its steps."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import panels
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.view import View, Viewing

router = APIRouter(include_in_schema=False)
SIGNS = {
    "mail": "mail", "task": "phone", "wait": "hourglass", "wait_for": "eye", "branch": "route",
    "ask": "help", "rate": "star", "split": "share", "note": "note", "start": "arrow-right",
    "stop": "ban", "webhook": "world",
    "open_ticket": "ticket", "hand_over": "users",
}  # fmt: skip


async def _listed(view: View) -> Mapping[str, Any]:
    return {"plays": await view.ask.plays.plays()}


async def _steps(view: View) -> Mapping[str, Any]:
    name = view.request.path_params["play"]
    listed = await view.ask.plays.plays()
    return {"play": next((play for play in listed if play.play == name), None), "signs": SIGNS}


LIST = (Panel("list", "plays.list", "_plays.html", _listed),)
ONE = (Panel("steps", "plays.steps", "_play.html", _steps),)


@router.get("/plays")
async def read_plays(view: Viewing) -> Response:
    """All of them."""
    return view.page("plays.html", panels=await panels.shown(view, LIST), called="")


@router.get("/plays/{play}")
async def read_play(view: Viewing, play: str) -> Response:
    """One play."""
    return view.page("plays.html", panels=await panels.shown(view, ONE), called=play)


panels.serve(router, "/plays", LIST)
panels.serve(router, "/plays/{play}", ONE)
