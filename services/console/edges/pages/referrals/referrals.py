"""`/referrals`: the ledger: who gets what for a friend's purchase, and what has become of it."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import customers_called
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.journey.referrals import Reward
from shared.web.who import Role

router = APIRouter(include_in_schema=False)

ROLES: frozenset[Role] = frozenset({"csm", "agent", "lead", "marketing", "oncall", "admin"})
STATES = ("pending", "final", "reversed")
COLUMNS = (
    *("id", "redemption", "customer", "side", "product", "order", "amount", "state"),
    *("redeemed_at", "due_at", "settled_at"),
)
FILTERS = ("state", "customer")


async def _page(view: View, after: str | None) -> Found[Reward]:
    wanted = {**view.asked(*FILTERS), "limit": str(MANY)}
    return await view.ask.referrals.rewards(paged(wanted, after))


async def _listed(view: View) -> Mapping[str, Any]:
    listed = await _page(view, view.request.query_params.get("after"))
    onward = listed.onward(view.asked(*FILTERS))
    return {
        "rewards": listed.items,
        "onward": f"/referrals?{onward}" if onward else "",
        "called": await customers_called(view, [row.customer for row in listed.items]),
        "reads_customers": view.may("/customers"),
    }


FILES = (File("rewards", COLUMNS, _page),)
PANELS = (Panel("list", "referrals.list", "_rewards.html", _listed),)


@router.get("/referrals")
async def read_referrals(view: Viewing) -> Response:
    """The newest first."""
    words = view.words
    return view.page(
        "referrals.html",
        panels=await panels.shown(view, PANELS, "/referrals"),
        chosen=view.request.query_params.get("state", ""),
        states=[(word, words(f"referrals.{word}")) for word in STATES],
    )


panels.serve(router, "/referrals", PANELS)
files.serve(router, "/referrals", FILES)
