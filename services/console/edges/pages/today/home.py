"""`/`: on to the first page, or to the sign-in."""

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges import cookies
from services.console.edges.pages.view import Viewing

router = APIRouter(include_in_schema=False)


@router.get("/")
async def go_home(view: Viewing) -> Response:
    """On; whether the session is good is asked there."""
    known = cookies.read(view.request, cookies.SESSION)
    return view.go("/today" if known else "/sign-in")
