"""`/suppressions`: addresses that nothing is sent to any more, why, and since when."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import customers_called, names
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.journey.consents import Suppression
from shared.web.client.answered import Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)

ROLES: frozenset[Role] = frozenset({"csm", "agent", "lead", "marketing", "oncall", "admin"})
LIFTERS: frozenset[Role] = frozenset({"lead", "admin"})
WHY = ("bounced", "complained", "asked")
COLUMNS = ("id", "at", "why", "customer", "who")


async def _page(view: View, after: str | None) -> Found[Suppression]:
    wanted = {**view.asked("why"), "limit": str(MANY)}
    return await view.ask.consents.suppressions(paged(wanted, after))


async def _listed(view: View) -> Mapping[str, Any]:
    listed = await _page(view, view.request.query_params.get("after"))
    onward = listed.onward(view.asked("why"))
    return {
        "suppressions": listed.items,
        "onward": f"/suppressions?{onward}" if onward else "",
        "called": await customers_called(
            view, [row.customer for row in listed.items if row.customer]
        ),
        "people": await names(view, (row.who for row in listed.items)),
        "lifts": view.has(*LIFTERS),
        "reads_customers": view.may("/customers"),
    }


FILES = (File("suppressions", COLUMNS, _page),)
PANELS = (Panel("list", "consent.list", "_suppressions.html", _listed),)


@router.get("/suppressions")
async def read_suppressions(view: Viewing, said: str = "") -> Response:
    """The newest first."""
    return await _shown(view, said="said" if said == "lifted" else "")


@router.post("/suppressions/{address}/lift")
async def lift(view: Viewing, address: str, form: Form) -> Response:
    """Something may be sent there again."""
    try:
        await view.ask.consents.lift(address, form.get("reason", ""))
    except Refused as refused:
        return await _shown(view, refused.status, problem=why(view, refused))
    return view.go("/suppressions?said=lifted")


async def _shown(view: View, status: int = 200, **more: Any) -> Response:
    words = view.words
    return view.page(
        "suppressions.html",
        status=status,
        panels=await panels.shown(view, PANELS, "/suppressions"),
        chosen=view.request.query_params.get("why", ""),
        reasons=[(word, words(f"consent.why_{word}")) for word in WHY],
        **{"said": "", "problem": "", **more},
    )


panels.serve(router, "/suppressions", PANELS)
files.serve(router, "/suppressions", FILES)
