"""`/renewals`: whose term ends soon, how likely they are to stay, and what came of it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.safe_cells import Value
from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import CSMS, colleagues, names
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.analytics import AtRisk
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.journey.renewals import Renewal
from shared.web.client.answered import Away, Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)

KEEPERS: frozenset[Role] = frozenset({"csm", "lead", "admin"})
READERS: frozenset[Role] = KEEPERS | {"agent"}
SPANS = ("30", "60", "90")  # days ahead; the last is what the page begins with
OUTCOMES = ("renewed", "expanded", "reduced", "cancelled")
REASONS = ("price", "not_needed", "faults", "other_product", "moved", "other")
COLUMNS = (
    "customer", "name", "kind", "region", "stage", "plan", "price_month", "status", "term_ends",
    "outcome", "reason", "who", "decided_at",
)  # fmt: skip


def _wanted(view: View) -> dict[str, str]:
    """The filters of the address; what nobody has decided comes first."""
    asked = view.request.query_params
    wanted = {
        "within": asked.get("within") or SPANS[-1],
        "decided": asked.get("decided", "false"),
        "csm": asked.get("csm", ""),
    }
    return {name: value for name, value in wanted.items() if value}


async def _page(view: View, after: str | None) -> Found[Renewal]:
    wanted = {**_wanted(view), "limit": str(MANY)}
    return await view.ask.renewals.soon(paged(wanted, after))


def _row(renewal: Renewal) -> Sequence[Value]:
    decided = renewal.decided
    said = (
        (None,) * 4
        if decided is None
        else (decided.outcome, decided.reason, decided.who, decided.at)
    )
    return [*(getattr(renewal, name) for name in COLUMNS[:-4]), *said]


async def _listed(view: View) -> Mapping[str, Any]:
    terms = await _page(view, view.request.query_params.get("after"))
    risks, people = await asyncio.gather(
        _risks(view, terms.items),
        names(view, (row.decided.who for row in terms.items if row.decided)),
    )
    return {
        "terms": terms,
        "onward": _address(view, after=terms.next) if terms.next else "",
        "risks": risks,
        "people": people,
        "query": urlencode(_wanted(view)),
        "acts": view.has(*KEEPERS),
        **choices(view),
    }


def choices(view: View) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What can have come of a term, and why."""
    words = view.words
    return {
        "outcomes": [(word, words(f"renewals.outcome_{word}")) for word in OUTCOMES],
        "reasons": [(word, words(f"renewals.reason_{word}")) for word in REASONS],
    }


async def brief_of(view: View, customer: str) -> Mapping[str, Any]:
    """What somebody reads before they call about a term that ends soon; `term` None: none does."""
    if not customer or not view.has(*READERS):
        return {"term": None}
    wanted = {"customer": customer, "within": SPANS[-1]}
    terms = await panels.in_time(view.ask.renewals.soon(wanted), Found([]))
    if not terms.items:
        return {"term": None}
    term = terms.items[0]
    risks = await panels.in_time(_risks(view, [term]), {})
    return {
        "term": term,
        "term_risk": risks.get(customer),
        "keeps": view.has(*KEEPERS),
        **choices(view),
    }


async def _risks(view: View, rows: Sequence[Renewal]) -> Mapping[str, AtRisk]:
    """The risk of each, as far as it is to be had: a list without it is better than none."""
    if not rows:
        return {}
    try:
        asked = {"customer": [row.customer for row in rows], "limit": str(len(rows))}
        at_risk = await view.ask.analytics.risks(asked)
    except (Away, Refused):
        return {}
    return {risk.customer: risk for risk in at_risk.items}


def _address(view: View, **more: str) -> str:
    return f"/renewals?{urlencode({**_wanted(view), **more})}"


FILES = (File("renewals", COLUMNS, _page, _row),)
PANELS = (Panel("terms", "renewals.terms", "_renewals.html", _listed),)


@router.get("/renewals")
async def read_renewals(view: Viewing, said: str = "") -> Response:
    """Terms by their ends, the next one first."""
    return await _shown(view, said="said" if said == "decided" else "")


async def _shown(view: View, status: int = 200, **more: Any) -> Response:
    words = view.words
    return view.page(
        "renewals.html",
        status=status,
        panels=await panels.shown(view, PANELS),
        wanted=_wanted(view),
        spans=[(days, words("renewals.within", n=days)) for days in SPANS],
        choices=[("false", words("renewals.open")), ("true", words("renewals.decided"))],
        csms=[*await colleagues(view, CSMS), ("none", words("portfolios.nobody"))],
        **{"said": "", "problem": "", **more},
    )


@router.post("/renewals/{customer}")
async def decide(view: Viewing, customer: str, form: Form) -> Response:
    """What came of a customer's term."""
    try:
        await say(view, customer, form)
    except Refused as refused:
        return await _shown(view, refused.status, problem=why(view, refused))
    return view.go(_address(view, said="decided") + f"#{quote(customer, safe='')}")


async def say(view: View, customer: str, form: Mapping[str, str]) -> None:
    """Write down what a form says of a term. Raises Refused."""
    body = {"term_ends": form.get("term_ends", ""), "outcome": form.get("outcome", "")}
    if form.get("reason"):
        body["reason"] = form["reason"]
    await view.ask.renewals.decide(customer, body, form.get("seen") or None)


panels.serve(router, "/renewals", PANELS)
files.serve(router, "/renewals", FILES)
