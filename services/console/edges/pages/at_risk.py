"""`/at-risk`: whom we may lose, the highest risk first."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.safe_cells import Value
from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import customers_called
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.analytics import AtRisk
from services.console.edges.services.answers import MANY, Found

router = APIRouter(include_in_schema=False)
TIERS = ("at_risk", "watch", "none", "learning")  # the one looked at first is the first


async def _tiers(view: View) -> Mapping[str, Any]:
    found = {each.tier: each for each in await view.ask.analytics.tiers()}
    many = {tier: found[tier].customers if tier in found else 0 for tier in TIERS}
    day = max((each.day for each in found.values()), default=None)
    return {"many": many, "day": day, "chosen": _chosen(view)}


async def _risks(view: View) -> Mapping[str, Any]:
    chosen, after = _chosen(view), view.request.query_params.get("after")
    wanted = {"tier": chosen, **({"after": after} if after else {})}
    found = await view.ask.analytics.risks(wanted)
    onward = f"/at-risk?{urlencode({'tier': chosen, 'after': found.next})}" if found.next else ""
    names = await customers_called(view, (each.customer for each in found.items))
    return {"found": found, "onward": onward, "names": names}


def _chosen(view: View) -> str:
    return view.request.query_params.get("tier") or TIERS[0]


COLUMNS = ("customer", "tier", "risk", "state", "outlook", "since", "day")


async def _page(view: View, after: str | None) -> Found[AtRisk]:
    wanted = {"tier": _chosen(view), "limit": str(MANY), **({"after": after} if after else {})}
    return await view.ask.analytics.risks(wanted)


def _row(risk: AtRisk) -> Sequence[Value]:
    return [getattr(risk, name) for name in COLUMNS]


FILES = (File("at-risk", COLUMNS, _page, _row),)
PANELS = (
    Panel("tiers", "at_risk.tiers", "_tiers.html", _tiers),
    Panel("risks", "at_risk.risks", "_risks.html", _risks),
)


@router.get("/at-risk")
async def read_at_risk(view: Viewing) -> Response:
    """The list of a tier."""
    return view.page("at_risk.html", panels=await panels.shown(view, PANELS))


panels.serve(router, "/at-risk", PANELS)
files.serve(router, "/at-risk", FILES)
