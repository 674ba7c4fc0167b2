"""/go/{token}/{link}: a link of a mail leads on to the address that stands in the message."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from services.journey.edges.api.units import Public
from services.journey.edges.public.page import gone, page
from services.journey.handlers.messages.click import follow_link
from shared.errors import NotFound

Token = Annotated[str, Path(max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
Link = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
# what browsers and mail programs say that look ahead for somebody
AHEAD = ("sec-purpose", "purpose", "x-moz", "x-purpose")

router = APIRouter(prefix="/go", tags=["public"], include_in_schema=True)


@router.get(
    "/{token}/{link}",
    status_code=302,
    response_class=RedirectResponse,
    responses=gone("Nothing to open"),
)
async def go(public: Public, request: Request, token: Token, link: Link) -> Response:
    """Go on to where the link leads; it counts once, if it seems to be a person who opens it."""
    ahead = any("prefetch" in request.headers.get(name, "").lower() for name in AHEAD)
    counts = not ahead and not getattr(request.state, "head", False)
    try:
        async with public() as unit:
            address = await follow_link(unit, token, link, counts=counts)
    except NotFound:
        return page(404, "Nothing to open", "This link is not good any more.")
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(address, 302, headers)
