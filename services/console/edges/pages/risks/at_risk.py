"""`/at-risk`: whom we may lose, what most is at stake of first; one of them, and what is done about it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.plot import line
from services.console.domain.pages.risks.risk_list import SORTS, STATES, TIERS, RiskList
from services.console.domain.pages.safe_cells import Value
from services.console.domain.pages.undo import WITHIN
from services.console.edges.pages import files, panels
from services.console.edges.pages.customers.customers import load_use
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import SEE_PEOPLE, customers_called, names
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.analytics import AtRisk, Uses
from services.console.edges.services.answers import MANY, Found, paged
from shared import ids
from shared.web.client.answered import Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
CARERS: frozenset[Role] = frozenset({"csm", "lead", "admin"})
READERS: frozenset[Role] = CARERS | {"agent"}
DAYS = 56  # of use beside each customer
OUTCOMES = ("reached", "not_reached", "written", "will_stay", "will_leave")
SAID = ("contact", "woken")
SPANS = (1, 7, 14, 30)  # days somebody is usually left alone


def _wanted(view: View) -> RiskList:
    return RiskList.asked(view.request.query_params)


async def _tiers(view: View) -> Mapping[str, Any]:
    wanted = _wanted(view)
    tiers, outages, declines = await asyncio.gather(
        view.ask.analytics.tiers(wanted.counts()),
        view.ask.analytics.outages(),
        view.ask.analytics.declines(),
    )
    by_tier = {counted.tier: counted for counted in tiers}
    many = {tier: by_tier[tier].customers if tier in by_tier else 0 for tier in TIERS}
    snoozed = sum(counted.snoozed for counted in by_tier.values())
    day = max((counted.day for counted in by_tier.values()), default=None)
    return {
        "many": many,
        "day": day,
        "wanted": wanted,
        "snoozed": snoozed,
        "outages": outages,
        "declines": declines,
    }


async def _found(view: View, wanted: RiskList, **more: str) -> Found[AtRisk]:
    """The page of the list; a text is looked for where names are known."""
    asked: dict[str, str | Sequence[str]] = {**wanted.asks(), **more}
    if wanted.text and view.has(*SEE_PEOPLE):
        named = await view.ask.customers.some({"text": wanted.text, "limit": str(MANY)})
        asked["customer"] = [customer.id for customer in named.items]
        if not named.items:
            return Found([])
    return await view.ask.analytics.risks(asked)


async def _risks(view: View) -> Mapping[str, Any]:
    wanted = _wanted(view)
    risks = await _found(view, wanted)
    called, uses, people = await asyncio.gather(
        customers_called(view, (risk.customer for risk in risks.items)),
        view.ask.analytics.uses([risk.customer for risk in risks.items], DAYS),
        names(view, [who for risk in risks.items for who in _who(risk)]),
    )
    lines = {risk.customer: _line(risk, uses.get(risk.customer)) for risk in risks.items}
    onward = wanted.address(after=risks.next) if risks.next else ""
    return {
        "found": risks, "onward": onward, "called": called, "people": people, "lines": lines,
        "wanted": wanted, "days": DAYS,
    }  # fmt: skip


def _who(risk: AtRisk) -> Sequence[str]:
    told = (risk.contacted, risk.snoozed)
    return [act.who for act in told if act is not None]


def _line(risk: AtRisk, uses: Uses | None) -> tuple[str, float | None]:
    """The points of the use of the last days, and where between them the drop began."""
    if uses is None:
        return "", None
    first = uses.last - timedelta(days=len(uses.hours) - 1)
    marked = risk.tier in {"watch", "at_risk"} and risk.onset is not None and risk.onset >= first
    place = (risk.onset - first).days if marked and risk.onset is not None else None
    at = None if place is None else min(100.0, 100 * place / max(1, len(uses.hours) - 1))
    return line(uses.hours), at


COLUMNS = (
    "customer", "tier", "risk", "price_month", "at_stake", "state", "why", "since", "onset", "outlook",
    "region", "plan", "model", "basis", "day",
)  # fmt: skip
MORE = ("contacted_at", "contacted_outcome", "snoozed_until")


async def _page(view: View, after: str | None) -> Found[AtRisk]:
    more = paged({"limit": str(MANY)}, after)
    return await _found(view, _wanted(view), **more)


def _row(risk: AtRisk) -> Sequence[Value]:
    contacted, snoozed = risk.contacted, risk.snoozed
    return [
        *(getattr(risk, name) for name in COLUMNS),
        contacted.at if contacted else None,
        contacted.outcome if contacted else None,
        snoozed.until if snoozed else None,
    ]


def _id(view: View) -> str:
    customer: str = view.request.path_params["customer"]
    return customer


async def _contacts(view: View) -> Mapping[str, Any]:
    contacts, snooze = await asyncio.gather(
        view.ask.analytics.contacts_of(_id(view)), view.ask.analytics.snooze_of(_id(view))
    )
    whose = [contact.who for contact in contacts] + ([snooze.who] if snooze else [])
    return {
        "contacts": contacts,
        "snooze": snooze,
        "people": await names(view, whose),
        "acts": view.has(*CARERS),
        "wanted": _wanted(view),
        "customer": _id(view),
    }


async def _why(view: View) -> Mapping[str, Any]:
    return {"risk": await view.ask.analytics.risk_of(_id(view))}


FILES = (File("at-risk", (*COLUMNS, *MORE), _page, _row),)
PANELS = (
    Panel("tiers", "at_risk.tiers", "_tiers.html", _tiers),
    Panel("risks", "at_risk.risks", "_risks.html", _risks),
)
OF_ONE = (
    Panel("why", "at_risk.why", "_risk_why.html", _why),
    Panel("use", "customers.use", "_customer_use.html", load_use),
    Panel("contacts", "at_risk.done", "_risk_contacts.html", _contacts, READERS),
)


@router.get("/at-risk")
async def read_at_risk(view: Viewing, of: str = "") -> Response:
    """The list; who was left out of it a moment ago can be taken back."""
    words = view.words
    return view.page(
        "at_risk.html",
        panels=await panels.shown(view, PANELS),
        wanted=_wanted(view),
        finds=view.has(*SEE_PEOPLE),
        states=[(state, words(f"customers.state_{state}")) for state in STATES],
        tiers=[(tier, words(f"customers.tier_{tier}")) for tier in TIERS],
        sorts=[(sort, words(f"at_risk.by_{sort}")) for sort in SORTS],
        undo=await _undo(view, of) if of else None,
    )


async def _undo(view: View, customer: str) -> Mapping[str, Any] | None:
    """The snooze of a moment ago, if it is one's own."""
    snooze = await view.ask.analytics.snooze_of(customer) if view.has(*CARERS) else None
    if snooze is None or view.who is None or snooze.who != view.who.subject:
        return None
    left_s = round((WITHIN - abs(view.now - snooze.at)).total_seconds())
    called = await customers_called(view, [customer])
    name = called.get(customer, customer)
    return (
        {"snooze": snooze, "left_s": left_s, "customer": customer, "called": name}
        if left_s > 0
        else None
    )


@router.get("/at-risk/{customer}")
async def read_one(view: Viewing, customer: str, said: str = "") -> Response:
    """Why a customer is at risk, and what was done about it."""
    return await _one(view, customer, said=said if said in SAID else "")


@router.post("/at-risk/{customer}/contact")
async def mark_as_contacted(view: Viewing, customer: str, form: Form) -> Response:
    """Somebody has spoken or written with them."""
    body = {"outcome": form.get("outcome", ""), "note": _lines(form, "note")}
    key = form.get("key") or ids.random_id()
    try:
        await view.ask.analytics.contacted(customer, body, key)
    except Refused as refused:
        return await _one(view, customer, refused.status, form=form, problem=why(view, refused))
    return view.go(f"{_wanted(view).of(customer)}&said=contact")


@router.post("/at-risk/{customer}/snooze")
async def snooze(view: Viewing, customer: str, form: Form) -> Response:
    """Leave them out of the list for a while; back to it, where that can be undone for a moment."""
    until = form.get("until", "")
    if not until and form.get("days") in {str(span) for span in SPANS}:
        until = (view.now.date() + timedelta(days=int(form["days"]))).isoformat()
    body = {"until": until, "reason": _lines(form, "reason")}
    key = form.get("key") or ids.random_id()
    try:
        await view.ask.analytics.snooze(customer, body, key)
    except Refused as refused:
        return await _one(view, customer, refused.status, form=form, problem=why(view, refused))
    return view.go(_wanted(view).address(of=customer))


@router.post("/at-risk/{customer}/wake")
async def wake(view: Viewing, customer: str) -> Response:
    """Back into the list; twice is as good as once."""
    await view.ask.analytics.wake(customer)
    return view.go(f"{_wanted(view).of(customer)}&said=woken")


def _lines(form: Mapping[str, str], name: str) -> str:
    """Browsers end lines with CR LF."""
    return form.get(name, "").replace("\r\n", "\n")


async def _one(view: View, customer: str, status: int = 200, **more: Any) -> Response:
    words = view.words
    called, shown = await asyncio.gather(
        customers_called(view, [customer]),
        panels.shown(view, OF_ONE, f"/at-risk/{quote(customer, safe='')}"),
    )
    return view.page(
        "risk.html",
        status=status,
        customer=customer,
        called=called.get(customer, customer),
        panels=shown,
        wanted=_wanted(view),
        acts=view.has(*CARERS),
        outcomes=[(outcome, words(f"at_risk.outcome_{outcome}")) for outcome in OUTCOMES],
        spans=[(str(span), words("at_risk.span", n=span)) for span in SPANS],
        keys={act: ids.random_id() for act in ("contact", "snooze")},
        **{"form": {}, "problem": "", "said": "", **more},
    )


panels.serve(router, "/at-risk", PANELS)
panels.serve(router, "/at-risk/{customer}", OF_ONE)
files.serve(router, "/at-risk", FILES)
