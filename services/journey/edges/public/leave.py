"""/leave/{token}: a customer takes themselves out of a topic. Opening it never does; a POST does."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from services.journey.edges.api.units import Public
from services.journey.edges.public.page import gone, page
from services.journey.handlers.messages.leave import leave, topic_of
from shared.errors import NotFound

Token = Annotated[str, Path(max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]

router = APIRouter(prefix="/leave", tags=["public"], include_in_schema=True)

GONE = gone("Nothing to leave")

_FORM = '<form method="post"><button type="submit">No more of these mails</button></form>'


@router.get("/{token}", response_class=HTMLResponse, responses=GONE)
async def ask_leave(public: Public, token: Token) -> HTMLResponse:
    """Ask whether somebody wants no more mails of a topic; scanners that open it change nothing."""
    try:
        async with public() as unit:
            topic = await topic_of(unit, token)
    except NotFound:
        return _gone()
    said = f"Do you want no more mails about “{topic}”? You still get what you need: receipts, answers."
    return page(200, "Mails you get from us", said, _FORM)


@router.post("/{token}", response_class=HTMLResponse, responses=GONE)
async def leave_topic(public: Public, token: Token) -> HTMLResponse:
    """Leave the topic (RFC 8058: mail programs send this by themselves, without any page)."""
    try:
        async with public() as unit:
            topic = await leave(unit, token)
    except NotFound:
        return _gone()
    return page(200, "Done", f"You get no more mails about “{topic}”.")


def _gone() -> HTMLResponse:
    said = "This link is not good any more. The newest mail has one that is."
    return page(404, "Nothing to leave", said)
