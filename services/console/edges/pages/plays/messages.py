"""`/messages`: what plays write to customers; one message as it would read."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.safe_cells import Value
from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.frame import POLICY
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import SEE_PEOPLE
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import Found
from services.console.edges.services.journey.plays import MessageTemplate
from shared.web.client.answered import Refused
from shared.web.problems import Problem
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
TESTERS: frozenset[Role] = frozenset({"csm", "lead", "marketing", "admin"})
COLUMNS = ("message", "subject", "purpose", "topic", "sent", "clicked", "plays")
# a mail brings its own style, in a frame that runs nothing and asks nobody; the frame has our policy
AS_MAIL = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")


async def _listed(view: View) -> Mapping[str, Any]:
    return {"messages": await view.ask.plays.messages()}


async def _page(view: View, _after: str | None) -> Found[MessageTemplate]:
    return Found(await view.ask.plays.messages())


def _row(message: MessageTemplate) -> Sequence[Value]:
    return [*(getattr(message, name) for name in COLUMNS[:-1]), ", ".join(message.plays)]


async def _clicks(view: View) -> Mapping[str, Any]:
    return {"clicks": await view.ask.plays.clicks(view.request.path_params["message"])}


LIST = (Panel("list", "messages.list", "_messages.html", _listed),)
ONE = (Panel("clicks", "messages.clicks", "_message_clicks.html", _clicks),)


@router.get("/messages")
async def read_messages(view: Viewing) -> Response:
    """All of them, with the plays that send them."""
    return view.page("messages.html", panels=await panels.shown(view, LIST))


panels.serve(router, "/messages", LIST)
files.serve(router, "/messages", (File("messages", COLUMNS, _page, _row),))


panels.serve(router, "/messages/{message}", ONE)


@router.get("/messages/{message}")
async def read_message(view: Viewing, message: str, customer: str = "", said: str = "") -> Response:
    """One message: as mail programs show it, wide and on a phone, in the dark, and as plain text."""
    return await _letter(view, message, customer.strip(), said=said == "sent")


@router.post("/messages/{message}/test")
async def send_test(view: Viewing, message: str, form: Form) -> Response:
    """Send it to whoever looks, as the page shows it."""
    customer = form.get("customer", "").strip()
    try:
        await view.ask.plays.send_test(message, customer)
    except Refused as refused:
        return await _letter(view, message, customer, why(view, refused), refused.status)
    named = {"customer": customer} if customer else {}
    return view.go(f"/messages/{quote(message, safe='')}?{urlencode({**named, 'said': 'sent'})}")


async def _letter(
    view: View, message: str, customer: str, problem: str = "", status: int = 200, *, said: bool = False
) -> Response:  # fmt: skip
    if customer and not view.has(*SEE_PEOPLE):
        raise Problem(403, "not_permitted", "Your roles do not permit this")
    try:
        letter = await view.ask.plays.letter(message, customer)
    except Refused as refused:
        letter, problem = None, problem or refused.detail or refused.title
    if letter is None and not problem:
        if not customer:
            raise Problem(404, "message_not_found", "There is no such message")
        problem = view.words("messages.nobody", customer=customer)
    path = f"/messages/{quote(message, safe='')}"
    answer = view.page(
        "message.html",
        status=status,
        said=said,
        tests=view.has(*TESTERS),
        message=message,
        letter=letter,
        customer=customer,
        problem=problem,
        chooses=view.has(*SEE_PEOPLE),
        at=path,
        panels=await panels.shown(view, ONE, path),
    )
    answer.headers["Content-Security-Policy"] = AS_MAIL
    return answer
