"""What shops sent that could not be done: a panel of `/on-call`, where it is put back or discarded."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages.forms import Form
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from shared.web.client.answered import Refused
from shared.web.problems import Problem

router = APIRouter(include_in_schema=False)


async def load_kept(view: View) -> Mapping[str, Any]:
    """What is kept, the oldest first."""
    kept = await view.ask.deliveries.kept()
    return {"deliveries": kept.items, "more": bool(kept.next)}


@router.post("/on-call/deliveries/{verb}")
async def decide_delivery(view: Viewing, verb: str, form: Form) -> Response:
    """Put one back, or discard it."""
    acts = {"replay": view.ask.deliveries.replay, "discard": view.ask.deliveries.discard}
    delivery = form.get("delivery", "")
    if verb not in acts or not delivery:
        raise Problem(422, "not_a_form", "Which delivery, and what with it?")
    try:
        await acts[verb](delivery)
    except Refused as refused:
        raise Problem(refused.status, "not_done", "It was not done", why(view, refused)) from None
    return view.go("/on-call")
