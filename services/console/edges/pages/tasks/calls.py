"""Calls at agreed times: those of my teams, and the one that a task keeps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from services.console.edges.pages.files import File
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import customers_called, names
from services.console.edges.pages.tasks.hand_offs import TEAMS
from services.console.edges.pages.view import View
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.journey.calls import Call
from services.console.edges.services.journey.plays import Task

COLUMNS = ("id", "title", "customer", "team", "starts_at", "ends_at", "owner", "task")


async def ahead(view: View) -> Mapping[str, Any]:
    """What my teams have agreed on, the next first."""
    after = view.request.query_params.get("calls_after")
    booked = await view.ask.calls.ahead(paged({}, after))
    return {
        "calls": booked.items,
        "more": f"/tasks?calls_after={quote(booked.next)}" if booked.next else "",
        "customers": await customers_called(view, (call.customer for call in booked.items)),
        "people": await names(view, (call.owner for call in booked.items)),
    }


async def _page(view: View, after: str | None) -> Found[Call]:
    return await view.ask.calls.ahead(paged({"limit": str(MANY)}, after))


PANEL = Panel("calls", "calls.ahead", "_calls.html", ahead, TEAMS)
FILE = File("calls", COLUMNS, _page, roles=TEAMS)


async def agreed(view: View, task: Task) -> Mapping[str, Any]:
    """The call that a task keeps, with the times it could be moved to; None: it keeps none."""
    call = None
    if task.call and task.state in {"open", "claimed"} and view.has(*TEAMS):
        call = await view.ask.calls.one(task.call)
    times = [] if call is None else [(at.isoformat(), _said(call, at)) for at in call.free]
    return {"call": call, "times": times}


def _said(call: Call, at: datetime) -> str:
    """A time as the customer is told it, with the letters of the zone: one hour of a year comes twice."""
    return f"{at.astimezone(ZoneInfo(call.zone)):%a %d %b, %H:%M %Z}"
