"""`/imports`: many at once, from a CSV: customers and devices, as jobs with progress."""

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages.forms import SentFile
from services.console.edges.pages.ticket import why
from services.console.edges.pages.view import View, Viewing
from shared.web.client.answered import Refused
from shared.web.problems import Problem
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
OF_CUSTOMERS: frozenset[Role] = frozenset({"admin"})
ROLES: frozenset[Role] = OF_CUSTOMERS


@router.get("/imports")
async def read_imports(view: Viewing) -> Response:
    """What can be handed in, and how its columns are called."""
    return _shown(view)


@router.post("/imports/customers")
async def import_customers(view: Viewing, file: SentFile) -> Response:
    """Hand the file to journey; on to the job."""
    if not view.has(*OF_CUSTOMERS):
        raise Problem(403, "not_permitted", "This is for an admin")
    if not file:
        return _shown(view, 422, problem=_words(view, "imports.no_file"))
    try:
        await view.ask.journey.import_customers(file)
    except Refused as refused:
        return _shown(view, refused.status, problem=why(view, refused))
    return view.go("/jobs")


def _words(view: View, key: str) -> str:
    return str(view.request.app.state.frame.words(key))


def _shown(view: View, status: int = 200, problem: str = "") -> Response:
    return view.page(
        "imports.html", status=status, problem=problem, customers=view.has(*OF_CUSTOMERS)
    )
