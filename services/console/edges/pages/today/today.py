"""`/today`: what somebody needs first, and the numbers of their work, each leading to its rows."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from services.console.domain.pages.risks.risk_list import RiskList
from services.console.domain.pages.risks.trend import trend
from services.console.domain.pages.tickets.queue import Queue
from services.console.edges.pages import panels
from services.console.edges.pages.customers import talks
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import customers_called
from services.console.edges.pages.tasks import hand_offs, tasks
from services.console.edges.pages.tasks.hand_offs import offered
from services.console.edges.pages.today import first_steps
from services.console.edges.pages.view import View, Viewing
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
FEW = 5  # of a list: the rest is behind its link
DESK: frozenset[Role] = frozenset({"agent", "csm", "lead", "admin"})
NUMBERS: frozenset[Role] = DESK | {"oncall", "product", "marketing"}


async def _waiting(view: View, queue: Queue) -> Mapping[str, Any]:
    asked = {**queue.asks(partner=view.has("partner")), "limit": str(FEW)}
    listed = await view.ask.support.tickets(asked)
    called = await customers_called(
        view, [ticket.customer for ticket in listed.items if ticket.customer]
    )
    return {"tickets": listed.items, "called": called, "all": queue.address()}


async def _mine(view: View) -> Mapping[str, Any]:
    assert view.who is not None  # noqa: S101 - routes of the signed in only
    return await _waiting(view, Queue(assignee=view.who.subject))


async def _unassigned(view: View) -> Mapping[str, Any]:
    return await _waiting(view, Queue(assigned="false"))


async def _shared(view: View) -> Mapping[str, Any]:
    return await _waiting(view, Queue())


async def _tasks(view: View) -> Mapping[str, Any]:
    return await tasks.due(view, FEW)


async def _portfolio(view: View) -> Mapping[str, Any]:
    assert view.who is not None  # noqa: S101 - routes of the signed in only
    me = view.who.subject
    return {"me": me, "many": await view.ask.customers.count({"csm": me})}


async def _risky(view: View) -> Mapping[str, Any]:
    listed = await view.ask.analytics.risks({**RiskList().asks(), "limit": str(FEW)})
    called = await customers_called(view, (risk.customer for risk in listed.items))
    return {"risks": listed.items, "called": called}


async def _faults(view: View) -> Mapping[str, Any]:
    return {"faults": (await view.ask.support.faults())[:FEW]}


async def _rejects(view: View) -> Mapping[str, Any]:
    reasons = await view.ask.ingest.rejects_by_reason()
    return {"rejects": sorted(reasons.items(), key=lambda item: -item[1])[:FEW]}


async def _stages(view: View) -> Mapping[str, Any]:
    stages, days = await asyncio.gather(view.ask.stages.all(), view.ask.stages.days())
    return {"stages": stages, "trends": {name: trend(n) for name, n in days.entered.items()}}


async def _desk(view: View) -> Mapping[str, Any]:
    counts = None
    if view.has(*DESK, "oncall"):
        counts, days = await asyncio.gather(view.ask.support.counts(), view.ask.support.days())
    else:
        days = await view.ask.support.days()
    assert view.who is not None  # noqa: S101 - routes of the signed in only
    return {
        "counts": counts,
        "opened": trend(days.opened),
        "resolved": trend(days.resolved),
        "mine": Queue(assignee=view.who.subject).address(),
        "unassigned": Queue(assigned="false").address(),
    }


async def _risk(view: View) -> Mapping[str, Any]:
    tiers, days = await asyncio.gather(view.ask.analytics.tiers(), view.ask.analytics.tier_days())
    many = {tier_now.tier: tier_now.customers for tier_now in tiers}
    trends = {tier: trend(days.entered.get(tier, [0] * 14)) for tier in ("at_risk", "watch")}
    return {"many": many, "trends": trends}


async def _fleet(view: View) -> Mapping[str, Any]:
    models = await view.ask.ingest.models()
    return {
        "in_use": sum(model.in_use for model in models),
        "silent": sum(model.silent for model in models),
        "versions": len({model.firmware for model in models if model.in_use}),
    }


FLEET: frozenset[Role] = NUMBERS - {"marketing"}
PANELS = (
    Panel("tasks", "today.tasks", "_today_tasks.html", _tasks, hand_offs.ROLES - {"admin"}),
    Panel("risky", "today.risky", "_today_risks.html", _risky, frozenset({"csm", "lead"})),
    Panel("next", "talks.ahead", "_today_next.html", talks.ahead, frozenset({"csm"})),
    Panel("portfolio", "portfolios.mine", "_today_portfolio.html", _portfolio, frozenset({"csm"})),
    Panel("mine", "today.mine", "_today_tickets.html", _mine, frozenset({"agent", "csm"})),
    Panel("unassigned", "today.unassigned", "_today_tickets.html", _unassigned, frozenset({"agent", "lead"})),
    Panel("shared", "today.shared", "_today_tickets.html", _shared, frozenset({"partner"})),
    Panel("offered", "handoffs.offered", "_hand_offs.html", offered, hand_offs.ROLES - {"admin"}),
    Panel("faults", "today.faults", "_today_faults.html", _faults, frozenset({"product", "lead"})),
    Panel("rejects", "today.rejects", "_today_rejects.html", _rejects, frozenset({"oncall", "admin", "product"})),
    Panel("desk", "today.desk", "_today_desk.html", _desk, NUMBERS),
    Panel("stages", "today.stages", "_stages.html", _stages, NUMBERS),
    Panel("risk", "today.risk", "_today_risk.html", _risk, NUMBERS),
    Panel("fleet", "today.fleet", "_today_fleet.html", _fleet, FLEET),
)  # fmt: skip


@router.get("/today")
async def read_today(view: Viewing) -> Response:
    """The first page of the day; of an installation with nothing in it the first steps."""
    todo = await first_steps.steps(view)
    if todo is None:
        return view.page("today.html", panels=await panels.shown(view, PANELS), first=None)
    shown = [] if todo.is_empty else await panels.shown(view, PANELS)
    first = Markup(view.html("_first_steps.html", steps=todo))  # noqa: S704 - a template of ours
    return view.page("today.html", panels=shown, first=first)


panels.serve(router, "/today", PANELS)
