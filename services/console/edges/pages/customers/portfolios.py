"""`/portfolios`: how many customers each CSM has; handed over as a whole, some at once, or one by one."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.safe_cells import Value
from services.console.edges.pages import files, panels
from services.console.edges.pages.customers.customers import KEEPERS, customer_page
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import CSMS, colleagues, names
from services.console.edges.pages.refused import AGAIN, why
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import Found
from services.console.edges.services.journey.portfolios import Portfolio
from shared import ids
from shared.web.client.answered import Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
ROLES: frozenset[Role] = frozenset({"csm", "agent", "lead", "admin"})
GIVERS = ("lead", "admin")
NOBODY = "none"
COLUMNS = ("csm", "name", "customers")


async def _sizes(view: View) -> Mapping[str, Any]:
    sizes = await view.ask.portfolios.sizes()
    me = view.who.subject if view.who else ""
    return {
        "portfolios": sorted(sizes, key=lambda size: (size.csm != me, -size.customers)),
        "people": await names(view, (size.csm for size in sizes)),
    }


async def _page(view: View, after: str | None) -> Found[tuple[Portfolio, str]]:
    del after  # it is one page
    sizes = await view.ask.portfolios.sizes()
    people = await names(view, (size.csm for size in sizes))
    return Found([(size, people.get(size.csm, "")) for size in sizes])


def _row(line: tuple[Portfolio, str]) -> Sequence[Value]:
    return [line[0].csm, line[1], line[0].customers]


PANELS = (Panel("list", "portfolios.by_csm", "_portfolios.html", _sizes),)
FILES = (File("portfolios", COLUMNS, _page, _row),)


@router.get("/portfolios")
async def read_portfolios(view: Viewing) -> Response:
    """Who has how many; after a hand-over what was done, and the way back."""
    asked = view.request.query_params
    many = asked.get("n", "")
    gives = view.has(*GIVERS)
    sizes = await panels.in_time(view.ask.portfolios.sizes(), []) if gives else []
    people = await names(view, (size.csm for size in sizes))
    return view.page(
        "portfolios.html",
        whose=[(size.csm, people[size.csm]) for size in sizes],
        others=await colleagues(view, CSMS) if gives else [],
        panels=await panels.shown(view, PANELS),
        handed=asked.get("handed", "") if many.isdigit() else "",
        undone=asked.get("undone", "") == "yes",
        n=int(many) if many.isdigit() and len(many) < 10 else 0,
        back=f"/customers?{asked['back']}" if asked.get("back") else "",
        gives=gives,
        key=ids.random_id(),
        problem="",
    )


@router.post("/portfolios/hand-over")
async def hand_over(view: Viewing, form: Form) -> Response:
    """A whole portfolio, or the customers that are marked, go to somebody else."""
    view.only(*GIVERS)
    to = form.get("to", "")
    body: dict[str, object] = {"to": None if to in {"", NOBODY} else to}
    marked = [name.removeprefix("mark-") for name in form if name.startswith("mark-")]
    if form.get("from"):
        body["from"] = form["from"]
    elif not marked:
        return view.go(f"/customers?{form.get('back', '')}")
    if marked:
        body["customers"] = marked
    moved = await view.ask.portfolios.hand_over(body, form.get("key") or ids.random_id())
    told = {"handed": moved.id, "n": moved.customers, "back": form.get("back", "")}
    return view.go(f"/portfolios?{urlencode({k: v for k, v in told.items() if v != ''})}")


@router.post("/portfolios/undo")
async def undo(view: Viewing, form: Form) -> Response:
    """All go back, but for who was handed on since."""
    view.only(*GIVERS)
    key = form.get("key") or ids.random_id()
    moved = await view.ask.portfolios.undo(form.get("handed", ""), key)
    return view.go(f"/portfolios?undone=yes&n={moved.customers}")


@router.post("/customers/{customer}/csm")
async def give_one(view: Viewing, customer: str, form: Form) -> Response:
    """One customer goes to somebody else, or to nobody."""
    view.only(*KEEPERS)
    to = form.get("csm", "")
    try:
        await view.ask.portfolios.give(customer, None if to in {"", NOBODY} else to, None)
    except Refused as refused:
        if refused.status not in AGAIN:
            raise
        return await customer_page(view, customer, refused.status, problem=why(view, refused))
    return view.go(f"/customers/{quote(customer, safe='')}?said=csm")


panels.serve(router, "/portfolios", PANELS)
files.serve(router, "/portfolios", FILES)
