"""/leave/{token}: a customer takes themselves out of a topic. Opening it never does; a POST does."""

from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from services.journey.edges.api.units import Public
from services.journey.handlers.messages.leave import leave, topic_of
from shared.errors import NotFound

Token = Annotated[str, Path(max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]

router = APIRouter(prefix="/leave", tags=["public"], include_in_schema=True)

_HTML: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}}
GONE: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing to leave", "content": _HTML}}

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"></head>
<body><main><h1>{title}</h1><p>{said}</p>{form}</main></body></html>
"""
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
    return _page(200, "Mails you get from us", said, _FORM)


@router.post("/{token}", response_class=HTMLResponse, responses=GONE)
async def leave_topic(public: Public, token: Token) -> HTMLResponse:
    """Leave the topic (RFC 8058: mail programs send this by themselves, without any page)."""
    try:
        async with public() as unit:
            topic = await leave(unit, token)
    except NotFound:
        return _gone()
    return _page(200, "Done", f"You get no more mails about “{topic}”.", "")


def _gone() -> HTMLResponse:
    said = "This link is not good any more. The newest mail has one that is."
    return _page(404, "Nothing to leave", said, "")


def _page(status: int, title: str, said: str, form: str) -> HTMLResponse:
    page = _PAGE.format(title=escape(title), said=escape(said), form=form)
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})
