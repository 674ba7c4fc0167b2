"""`/imports`: many at once, from a CSV: customers and devices, as jobs with progress."""

from collections.abc import Coroutine, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages.forms import SentFile
from services.console.edges.pages.frame import HEADERS
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from shared.web.client.answered import Refused
from shared.web.problems import Problem
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
OF_CUSTOMERS: frozenset[Role] = frozenset({"admin"})
OF_DEVICES: frozenset[Role] = frozenset({"admin", "product"})
ROLES: frozenset[Role] = OF_CUSTOMERS | OF_DEVICES


@router.get("/imports")
async def read_imports(view: Viewing) -> Response:
    """What can be handed in, and how its columns are called."""
    return _shown(view)


@router.post("/imports/customers")
async def import_customers(view: Viewing, file: SentFile) -> Response:
    """Hand the file to journey; on to the job."""
    return await _handed_in(view, OF_CUSTOMERS, file, view.ask.customers.import_customers(file))


@router.post("/imports/devices")
async def import_devices(view: Viewing, file: SentFile) -> Response:
    """Hand the file to ingest; on to the job, or every line that is wrong."""
    return await _handed_in(view, OF_DEVICES, file, view.ask.ingest.import_devices(file))


async def _handed_in(
    view: View, roles: frozenset[Role], file: bytes, asked: Coroutine[Any, Any, None]
) -> Response:
    if not view.has(*roles) or not file:
        asked.close()
        if not view.has(*roles):
            raise Problem(403, "not_permitted", "This is for others")
        return _shown(view, 422, problem=_words(view, "imports.no_file"))
    try:
        await asked
    except Refused as refused:
        wrong = refused.facts.get("lines", ())
        if wrong:
            return _shown(view, 422, wrong=wrong, count=refused.facts.get("count", len(wrong)))
        return _shown(view, refused.status, problem=why(view, refused))
    return view.go("/jobs")


@router.post("/imports/{job}/cancel")
async def cancel(view: Viewing, job: str) -> Response:
    """End an import of devices before it is done; what is registered stays."""
    await view.ask.ingest.cancel_import(job)
    return view.go("/jobs")


@router.post("/imports/{job}/passwords")
async def passwords(view: Viewing, job: str) -> Response:
    """Passwords of all that an import registered, as a file that is never to be had again."""
    csv = await view.ask.ingest.passwords(job)
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="passwords.csv"'}
    return Response(csv, media_type="text/csv; charset=utf-8", headers=headers)


def _words(view: View, key: str) -> str:
    return view.words(key)


def _shown(
    view: View,
    status: int = 200,
    *,
    problem: str = "",
    wrong: Sequence[dict[str, Any]] = (),
    count: int = 0,
) -> Response:
    return view.page(
        "imports.html",
        status=status,
        problem=problem,
        wrong=wrong,
        count=count,
        customers=view.has(*OF_CUSTOMERS),
        devices=view.has(*OF_DEVICES),
    )
