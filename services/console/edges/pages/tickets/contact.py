"""`/tickets/{ticket_id}/contact`: contact data in clear, for a reason and for a quarter of an hour."""

from collections.abc import Mapping
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages.forms import Form
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from shared import ids
from shared.web.client.answered import Refused
from shared.web.guards.fresh import KIND

router = APIRouter(include_in_schema=False)
PURPOSES = ("call_back", "appointment", "delivery", "identity", "complaint", "other")
HIDDEN = "contact_hidden"
AGAIN = frozenset({400, 409, 422, 429})  # what was typed is shown again, with why


@router.get("/tickets/{ticket_id}/contact")
async def read_contact(view: Viewing, ticket_id: str) -> Response:
    """The contact where it is permitted now; else why it is needed is asked for."""
    try:
        contact = await view.ask.support.contact(ticket_id)
    except Refused as refused:
        if refused.kind != HIDDEN:
            return _asked(view, ticket_id, {}, refused.status, why(view, refused))
        return _asked(view, ticket_id, {})
    return view.page("contact.html", ticket=ticket_id, contact=contact, form={}, problem="")


@router.post("/tickets/{ticket_id}/contact")
async def reveal_contact(view: Viewing, ticket_id: str, form: Form) -> Response:
    """Say why; on to the contact. It wants a code of a moment ago."""
    body = {"purpose": form.get("purpose") or "other", "reason": form.get("reason", "")}
    path = f"/tickets/{quote(ticket_id, safe='')}/contact"
    try:
        await view.ask.support.reveal(ticket_id, body, form.get("key") or ids.random_id())
    except Refused as refused:
        if refused.kind == KIND:
            return view.go(f"/account/step-up?next={path}")
        if refused.status not in AGAIN:
            raise
        return _asked(view, ticket_id, form, refused.status, why(view, refused))
    return view.go(path)


def _asked(
    view: View, ticket_id: str, form: Mapping[str, str], status: int = 200, problem: str = ""
) -> Response:
    words = view.words
    return view.page(
        "contact.html",
        status=status,
        ticket=ticket_id,
        contact=None,
        form=form,
        problem=problem,
        key=ids.random_id(),
        purposes=[(purpose, words(f"contact.for_{purpose}")) for purpose in PURPOSES],
    )
