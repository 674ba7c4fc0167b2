"""`/handoffs`: what other teams offer to mine, what mine have offered, and how that goes; one of them."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import customers_called, names
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.journey.hand_offs import Answer, Cell, HandOff
from shared.web.client.answered import Refused
from shared.web.problems import Problem
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
TEAMS: frozenset[Role] = frozenset({"csm", "agent", "lead", "admin"})  # who do tasks of plays
ROLES: frozenset[Role] = TEAMS | {"partner"}
LOST = frozenset({401, 403, 404})  # there is nothing to show again


async def offered(view: View) -> Mapping[str, Any]:
    """What is offered to my teams."""
    return await _listed(view, "offered", {"side": "taker"})


async def _waiting(view: View) -> Mapping[str, Any]:
    """What is offered to me; and of our own people what they gave, and what came back."""
    wanted = {"offered": {"side": "taker"}}
    if view.has(*TEAMS):
        wanted["given"] = {"side": "giver"}
        wanted["declined"] = {"side": "giver", "state": "declined"}
    return {
        "lists": await asyncio.gather(*(_listed(view, which, of) for which, of in wanted.items()))
    }


async def _listed(view: View, which: str, wanted: Mapping[str, str]) -> Mapping[str, Any]:
    page = await view.ask.hand_offs.listed(wanted)
    return {
        "hand_offs": page.items,
        "which": which,
        "customers": await customers_called(view, (hand_off.customer for hand_off in page.items)),
        "people": await names(view, (hand_off.settled_by for hand_off in page.items)),
    }


async def _matrix(view: View) -> Mapping[str, Any]:
    return {"cells": await view.ask.hand_offs.matrix()}


PANELS = (
    Panel("waiting", "handoffs.now", "_hand_offs_waiting.html", _waiting),
    Panel("matrix", "handoffs.matrix", "_hand_off_matrix.html", _matrix, TEAMS),
)
CELLS = (
    "giver",
    "taker",
    "offers",
    "offered",
    "accepted",
    "declined",
    "expired",
    "withdrawn",
    "median_s",
)
OFFERS = (
    "id", "task", "title", "customer", "giver", "taker", "state", "offered_at", "expires_at",
)  # fmt: skip


async def _every_cell(view: View, after: str | None) -> Found[Cell]:
    del after  # there is one page
    return Found(list(await view.ask.hand_offs.matrix()))


async def _every_offer(view: View, after: str | None) -> Found[HandOff]:
    wanted = paged({"limit": str(MANY)}, after)
    return await view.ask.hand_offs.listed(wanted)


FILES = (
    File("hand-offs", CELLS, _every_cell, roles=TEAMS),
    File("offered", OFFERS, _every_offer),
)


@router.get("/handoffs")
async def read_hand_offs(view: Viewing) -> Response:
    """All of it."""
    return view.page("hand_offs.html", panels=await panels.shown(view, PANELS))


panels.serve(router, "/handoffs", PANELS)
files.serve(router, "/handoffs", FILES)


@router.get("/handoffs/{hand_off_id}")
async def read_hand_off(view: Viewing, hand_off_id: str) -> Response:
    """One of them."""
    return await _shown(view, hand_off_id)


@router.post("/handoffs/{hand_off_id}/accept")
async def accept_hand_off(view: Viewing, hand_off_id: str) -> Response:
    """Take the task, and on to it."""
    return await _answer(view, hand_off_id, "accept", None)


@router.post("/handoffs/{hand_off_id}/decline")
async def decline_hand_off(view: Viewing, hand_off_id: str, form: Form) -> Response:
    """Leave it with who offered it."""
    return await _answer(view, hand_off_id, "decline", form.get("why", ""))


@router.post("/handoffs/{hand_off_id}/withdraw")
async def withdraw_hand_off(view: Viewing, hand_off_id: str) -> Response:
    """Take an offer back."""
    return await _answer(view, hand_off_id, "withdraw", None)


async def _answer(view: View, id_: str, answer: Answer, why: str | None) -> Response:
    """Let journey do it; what was typed is not lost when it refuses."""
    try:
        await view.ask.hand_offs.answer(id_, answer, why)
    except Refused as refused:
        if refused.status in LOST:
            raise
        return await _shown(view, id_, refused.status, why or "", refused.detail or refused.title)
    hand_off = await view.ask.hand_offs.one(id_) if answer == "accept" else None
    return view.go("/handoffs" if hand_off is None else f"/tasks/{hand_off.task}")


async def _shown(
    view: View, id_: str, status: int = 200, why: str = "", problem: str = ""
) -> Response:
    hand_off = await view.ask.hand_offs.one(id_)
    if hand_off is None:
        raise Problem(404, "hand_off_not_found", "There is no such hand-off for you")
    return view.page(
        "hand_off.html",
        status=status,
        hand_off=hand_off,
        why=why,
        problem=problem,
        people=await names(view, [hand_off.offered_by, hand_off.settled_by]),
        customer=await customers_called(view, [hand_off.customer] if hand_off.customer else []),
    )
